using System.Management.Automation;
using System.Reflection;

namespace ModuleTests.Loading;

/// <summary>The module in a session: what it exports, how often it can be imported, and many sessions in one process.</summary>
public sealed class LoadingTests
{
    private static readonly Type[] ApprovedVerbs =
        [typeof(VerbsCommon), typeof(VerbsCommunications), typeof(VerbsData), typeof(VerbsDiagnostic), typeof(VerbsLifecycle), typeof(VerbsOther), typeof(VerbsSecurity)];

    /// <summary>What writes files or changes an appliance asks before; the others change nothing that lasts.</summary>
    private static readonly Dictionary<string, ConfirmImpact> Asks = new()
    {
        ["Connect-Esg"] = ConfirmImpact.Medium,
        ["Export-MailboxDelegation"] = ConfirmImpact.Low,
        ["Export-MailboxSyncReport"] = ConfirmImpact.Low,
        ["Invoke-MailboxSyncPlan"] = ConfirmImpact.High,
        ["New-EsgPlan"] = ConfirmImpact.Low,
        ["Register-MailboxSyncTask"] = ConfirmImpact.Medium,
        ["Sync-EsgSharedMailbox"] = ConfirmImpact.Medium,
        ["Undo-MailboxSyncRun"] = ConfirmImpact.High,
    };

    [Fact]
    public void Names_have_approved_verbs_and_what_writes_supports_WhatIf_and_Confirm()
    {
        using var session = new Session();
        var approved = ApprovedVerbs.SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.Static)).Select(field => (string)field.GetRawConstantValue()!).ToHashSet(StringComparer.Ordinal);
        var commands = session.RunWell("Get-Command -Module EsgMailboxSync").Output.Select(command => (CmdletInfo)command.BaseObject).ToArray();
        Assert.NotEmpty(commands);
        Assert.All(commands, command => Assert.Contains(command.Verb, approved));
        Assert.Equal(
            Asks.OrderBy(each => each.Key, StringComparer.Ordinal).Select(each => (each.Key, each.Value)),
            commands.Where(command => command.Parameters.ContainsKey("WhatIf") && command.Parameters.ContainsKey("Confirm")).OrderBy(command => command.Name, StringComparer.Ordinal)
                .Select(command => (command.Name, command.ImplementingType.GetCustomAttribute<CmdletAttribute>()!.ConfirmImpact)));
        Assert.Empty(session.RunWell("(Get-Module EsgMailboxSync).ExportedAliases.Keys; (Get-Module EsgMailboxSync).ExportedFunctions.Keys; (Get-Module EsgMailboxSync).ExportedVariables.Keys").Output);
    }

    [Fact]
    public void No_switch_turns_guards_off()
    {
        using var session = new Session();
        foreach (var command in new[] { "Invoke-MailboxSyncPlan", "Sync-EsgSharedMailbox", "Undo-MailboxSyncRun" })
        {
            var parameters = ((CmdletInfo)Assert.Single(session.RunWell($"Get-Command {command}").Output).BaseObject).Parameters;
            // A number is the only way past one: what else is a switch is listed here.
            Assert.True(parameters.ContainsKey("Expect"));
            Assert.Empty(parameters.Values.Where(parameter => parameter.SwitchParameter).Select(parameter => parameter.Name).Except(["AdoptExisting", "WhatIf", "Confirm", .. Cmdlet.CommonParameters]));
        }
    }

    [Fact]
    public void It_can_be_imported_again_and_removed_and_imported()
    {
        using var world = new World("help", connect: false);
        world.Session["manifest"] = TestPaths.Manifest;
        world.Session["esgUri"] = world.Simulator.Uri;
        world.Session["esgState"] = world.StatePath;
        const string Connect = "$null = Connect-Esg -Name corp -Uri $esgUri -Credential ([pscredential]::new('admin', (ConvertTo-SecureString 'help-pages' -AsPlainText -Force))) -AllowHttp -StatePath $esgState";
        world.Session.RunWell(Connect);
        foreach (var again in new[] { "Import-Module $manifest", "Import-Module $manifest -Force", "Import-Module $manifest -Force", "Remove-Module EsgMailboxSync; Import-Module $manifest" })
        {
            world.Session.RunWell(again);
            // Removing the module, which -Force does as well, forgets connections: nobody stays logged in by accident.
            if (again != "Import-Module $manifest")
            {
                Assert.StartsWith("NotConnected,", world.Session.Run("Get-EsgUser").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
                world.Session.RunWell(Connect);
            }

            Assert.Equal(18, world.Session.RunWell("Get-EsgUser").Output.Count);
        }
    }

    [Fact]
    public void Eight_runspaces_at_once_do_not_mix_connections_snapshots_or_plans()
    {
        using var world = new World("small");
        var admin = world.Session["credential"];
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            using var session = new Session(TestPaths.PowerShellCommands);
            session["name"] = $"corp{i}";
            session["uri"] = world.Simulator.Uri;
            session["admin"] = admin;
            session["state"] = world.StatePath;
            session["snapshotPath"] = TestPaths.Tenant("small", "snapshot.jsonl");
            session["planPath"] = Path.Combine(world.Folder, $"plan{i}.json");
            session["scope"] = i % 2 == 0 ? "Primary" : "All";
            session.RunWell("""
                $null = Connect-Esg -Name $name -Uri $uri -Credential $admin -AllowHttp -StatePath $state
                $snapshot = Import-MailboxDelegation -Path $snapshotPath
                $plan = New-EsgPlan $snapshot -AliasScope $scope -Path $planPath
                """);
            Assert.Equal($"corp{i}", session.RunWell("$plan.Target").Single.ToString());
            Assert.Equal(session["scope"], session.RunWell("$plan.Option.AliasScope").Single.ToString());
            Assert.Equal(19, session.RunWell("$snapshot | Get-MailboxDelegation").Output.Count);
            session.RunWell("Disconnect-Esg");
        });
        // The session that was there before still has its own, and only that.
        Assert.Equal("corp", world.Session.RunWell("(New-EsgPlan -Snapshot (Import-MailboxDelegation '" + TestPaths.Tenant("small", "snapshot.jsonl") + "')).Target").Single.ToString());
        Assert.Equal(8, Directory.GetFiles(world.Folder, "plan*.json").Length);
    }
}
