using System.Text.Json.Nodes;

namespace ModuleTests.Generated;

/// <summary>Tenants of which it was decided who has access before their rows were written (tests/tenants/generated): through the cmdlets it must come out so.</summary>
public sealed class GeneratedTenantTests
{
    public static TheoryData<string> Seeds => [.. Directory.GetDirectories(TestPaths.In("tests", "tenants", "generated")).Select(folder => Path.GetFileName(folder)).Order()];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Rows_and_file_say_what_was_decided(string seed)
    {
        using var world = new World(Path.Combine("generated", seed), connect: false);
        var truth = Truth(seed);
        world.Read(Options(truth));
        Judge(world, truth);

        world.Session["snapshotFile"] = TestPaths.Tenant(world.Tenant, "snapshot.jsonl");
        world.Session.RunWell("$snapshot = Import-MailboxDelegation $snapshotFile");
        Judge(world, truth);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void The_whole_run_leaves_every_user_with_what_was_decided(string seed)
    {
        using var world = new World(Path.Combine("generated", seed));
        var end = Truth(seed)["end"]!;
        var options = Options(Truth(seed));
        world.Read(options);
        world.Plan(options + " -FunctionalUser Remove");
        Assert.NotEmpty(world.Changes());
        Assert.Empty(world.Apply().Errors);

        var users = end["users"]!.AsObject().Select(user => $"{user.Key}: {string.Join(' ', user.Value!.AsArray())}");
        Assert.Equal(users.Order(StringComparer.Ordinal), world.Simulator.State["users"]!.AsArray().Select(user => Addresses(user!)).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(end["gone"]!.AsArray(), id => world.Simulator.Users.ContainsKey(id!.GetValue<long>()));

        world.Plan(options + " -FunctionalUser Remove");
        Assert.Empty(world.Changes());
    }

    private static JsonNode Truth(string seed) => JsonNode.Parse(File.ReadAllText(TestPaths.Tenant(Path.Combine("generated", seed), "truth.json")))!;

    private static string Options(JsonNode truth) =>
        $"-Right {string.Join(',', truth["rights"]!.AsArray())}"
        + (truth["includeInherited"]!.GetValue<bool>() ? " -IncludeInherited" : string.Empty)
        + (truth["expandAll"]!.GetValue<bool>() ? " -ExpandGroup All" : string.Empty);

    private static void Judge(World world, JsonNode truth)
    {
        var get = $"$snapshot | Get-MailboxDelegation {Options(truth)}";
        Assert.Equal(
            Sorted(truth["delegations"]!.AsArray().Select(entry => $"{entry!["mailbox"]} {entry["delegate"]} {entry["right"]}")),
            Sorted(world.Texts($"{get} | ForEach-Object {{ \"$($_.MailboxGuid) $($_.DelegateAddress) $($_.Right)\" }}")));
        var unknown = truth["mailboxes"]!.AsObject().Where(mailbox => mailbox.Value!["unknown"]!.AsArray().Count > 0);
        Assert.Equal(
            Sorted(unknown.SelectMany(mailbox => mailbox.Value!["unknown"]!.AsArray().Select(reason => $"{mailbox.Key} {mailbox.Value["may_gain"]} {reason!["code"]} {reason["subject"]}"))),
            Sorted(world.Texts($"{get} -Unknown | ForEach-Object {{ $mailbox = $_; foreach ($reason in $mailbox.Reason) {{ \"$($mailbox.MailboxGuid) $($mailbox.MayGain) $($reason.Code) $($reason.Subject)\" }} }}")));
        Assert.Equal(
            Sorted(truth["findings"]!.AsArray().Select(finding => $"{finding!["code"]} {finding["mailbox"]} {finding["subject"]}")),
            Sorted(world.Texts($"{get} -Finding | ForEach-Object {{ \"$($_.Code) $($_.Mailbox) $($_.Subject)\" }}")));
    }

    /// <summary>Two findings may say the same of one subject in two groups.</summary>
    private static string[] Sorted(IEnumerable<string> texts) => [.. texts.Select(text => text.ToUpperInvariant()).Distinct().Order(StringComparer.Ordinal)];

    private static string Addresses(JsonNode user) =>
        $"{user["id"]}: {string.Join(' ', user["emailAddresses"]!.AsArray().Select(element => element!["address"]!.GetValue<string>().ToLowerInvariant()).Order(StringComparer.Ordinal))}";
}
