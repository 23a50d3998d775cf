using System.Buffers.Binary;
using System.Management.Automation;

namespace ModuleTests.BadInput;

/// <summary>State files that cannot be used. A file made with the simulator refuses a real appliance too, which no test at this level can be.</summary>
public sealed class StateTests
{
    private const string Plan = "New-EsgPlan -Snapshot $snapshot";

    private static string StateFile(World world) => Path.Combine(world.StatePath, "corp.esg.db");

    public static TheoryData<string, string, ErrorCategory, string> Unusable => new()
    {
        { "folder", "StateUnusable", ErrorCategory.ResourceUnavailable, "-StatePath" },
        { "text", "StateNotAState", ErrorCategory.InvalidData, "-StatePath" },
        { "other database", "StateNotAState", ErrorCategory.InvalidData, "-StatePath" },
        { "later format", "StateTooNew", ErrorCategory.InvalidData, "newest version" },
        { "damaged", "StateDamaged", ErrorCategory.InvalidData, "-AdoptExisting" },
    };

    [Theory]
    [MemberData(nameof(Unusable))]
    public void A_state_file_that_cannot_be_used_is_named_and_none_is_made_in_its_place(string what, string id, ErrorCategory category, string advice)
    {
        using var shared = new PlannedWorld();
        var world = shared.World;
        world.Apply();
        var file = StateFile(world);
        var good = File.ReadAllBytes(file);
        File.Delete(file);
        switch (what)
        {
            case "folder": Directory.CreateDirectory(file); break;
            case "text": File.WriteAllText(file, new string('x', 8192)); break;
            // Offsets of the header of SQLite: 60 is the format of the application, 68 its id.
            case "other database": File.WriteAllBytes(file, With(good, 68, 0x0BADF00D)); break;
            case "later format": File.WriteAllBytes(file, With(good, 60, 9999)); break;
            default: File.WriteAllBytes(file, [.. good[..4096], .. new byte[good.Length - 4096]]); break;
        }

        foreach (var script in new[] { Plan, "$plan | Invoke-MailboxSyncPlan -Confirm:$false", "Connect-Esg -Name corp -Uri $esgUri -Credential $credential -AllowHttp -StatePath $state" })
        {
            var error = Refusal.Of(world, script, id, category, file, advice);
            Assert.DoesNotContain("SQL", $"{error}", StringComparison.Ordinal);
        }

        Assert.Empty(Directory.GetFiles(world.Folder, "*.db", SearchOption.AllDirectories).Except([file]));
    }

    [Fact]
    public async Task A_state_that_another_session_works_with_is_locked_and_says_by_whom()
    {
        using var shared = new PlannedWorld();
        var world = shared.World;
        using var other = new Session(TestPaths.PowerShellCommands);
        foreach (var name in new[] { "esgUri", "state", "snapshotPath", "credential" })
        {
            other[name] = world.Session[name];
        }

        other.RunWell("$null = Connect-Esg -Name corp -Uri $esgUri -Credential $credential -AllowHttp -StatePath $state");
        world.Simulator.Faults("""[{"on":{"path_contains":"/user?"},"do":{"delay_ms":1500}}]""");
        world.Simulator.ResetCounts();
        var planning = Task.Run(() => other.Run("New-EsgPlan -Snapshot $snapshotPath"), TestContext.Current.CancellationToken);
        while (!File.Exists(StateFile(world) + "-wal"))
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        var error = Refusal.One(world.Session.Run(Plan), "StateLocked", ErrorCategory.ResourceBusy, $"(process {Environment.ProcessId})", "Wait until that run has ended");
        Assert.Contains(StateFile(world), $"{error}", StringComparison.Ordinal);
        var task = world.Session.RunWell("Sync-EsgSharedMailbox -Path $snapshotPath -Confirm:$false").Single;
        Assert.Equal(5, (int)task.ExitCode);
        Assert.Empty((await planning).Errors);
        Assert.Equal(0, world.Simulator.Writes);
        world.Plan();
    }

    [Fact]
    public void A_name_that_means_another_host_needs_Rebind()
    {
        using var shared = new PlannedWorld();
        var world = shared.World;
        world.Session["elsewhere"] = world.Simulator.Uri.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
        const string Connect = "Connect-Esg -Name corp -Uri $elsewhere -Credential $credential -AllowHttp -StatePath $state";
        var error = Refusal.Of(world, Connect, "StateHostDiffers", ErrorCategory.InvalidOperation, "127.0.0.1", "-Rebind");
        Assert.Contains("localhost", $"{error}", StringComparison.Ordinal);
        // The connection of that name is still the old one.
        Assert.Contains("127.0.0.1", (string)world.Plan().HostName, StringComparison.Ordinal);
        world.Session.RunWell(Connect + " -Rebind");
        Assert.Contains("localhost", (string)world.Plan().HostName, StringComparison.Ordinal);
    }

    [Fact]
    public void With_WhatIf_nothing_is_bound_anew()
    {
        using var shared = new PlannedWorld();
        var world = shared.World;
        world.Session["elsewhere"] = world.Simulator.Uri.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
        const string Connect = "Connect-Esg -Name corp -Uri $elsewhere -Credential $credential -AllowHttp -StatePath $state";
        Assert.Empty(world.Session.RunWell(Connect + " -Rebind -WhatIf").Output);
        Refusal.Of(world, Connect, "StateHostDiffers", ErrorCategory.InvalidOperation, "127.0.0.1", "-Rebind");
        // Connecting writes nothing down, so it asks nothing.
        Assert.Single(world.Session.RunWell("Connect-Esg -Name corp -Uri $esgUri -Credential $credential -AllowHttp -StatePath $state -WhatIf").Output);
    }

    [Fact]
    public void Without_StatePath_the_state_is_in_the_folder_of_the_machine_and_connecting_makes_none()
    {
        using var shared = new PlannedWorld();
        var name = $"test-{Guid.NewGuid():n}";
        var folder = OperatingSystem.IsWindows() ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData), "EsgMailboxSync") : "/var/lib/esgmailboxsync";
        var file = $"{shared.World.Session.RunWell($"(Connect-Esg -Name {name} -Uri $esgUri -Credential $credential -AllowHttp).StateFile").Single}";
        Assert.Equal(Path.Combine(folder, name + ".esg.db"), file);
        Assert.False(File.Exists(file));
    }

    private static byte[] With(byte[] database, int offset, int value)
    {
        var changed = (byte[])database.Clone();
        BinaryPrimitives.WriteInt32BigEndian(changed.AsSpan(offset), value);
        return changed;
    }
}
