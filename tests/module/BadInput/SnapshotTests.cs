using System.Management.Automation;

namespace ModuleTests.BadInput;

/// <summary>Snapshot files that are no snapshot, broken, cut, or from the future.</summary>
public sealed class SnapshotTests(PlannedWorld shared) : IClassFixture<PlannedWorld>
{
    private static readonly string[] Good = File.ReadAllLines(TestPaths.Tenant("small", "snapshot.jsonl"));

    private World World => shared.World;

    public static TheoryData<string, string, string> Broken => new()
    {
        { "text", "Just a note.\n", "line 1" },
        { "empty", "", "the snapshot is empty" },
        { "other JSON", "{\"kind\":\"invoice\",\"total\":5}\n", "line 1 is no snapshot header" },
        { "a plan", "{\n \"version\": 1,\n", "line 1" },
        { "a later version", Good[0].Replace("\"version\": 1", "\"version\": 2", StringComparison.Ordinal) + "\n", "version 2" },
        { "UTF-16", "\uFEFF" + string.Concat(Good[0].Select(letter => letter + "\0")), "line 1" },
        { "a broken line", Lines(Good[..6], "{\"kind\": \"permission\", \"mailbox\": }", Good[6..]), "line 7 is broken JSON at column" },
        { "a wrong type", Lines(Good[..6], "{\"kind\": \"permission\", \"mailbox\": 5, \"trustee\": \"x\", \"rights\": []}", Good[6..]), "line 7 (kind permission), member mailbox" },
        { "a line without a kind", Lines(Good[..6], "{}", Good[6..]), "line 7 has no \"kind\"" },
        { "lines are missing", Lines(Good[..6], Good[8], Good[9..]), "lines were lost or added" },
        { "two files in one", Lines(Good, Good[0], Good[1..]), $"line {Good.Length + 1}" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_file_that_cannot_be_used_is_refused_with_its_line(string what, string content, string names)
    {
        World.Session["file"] = shared.Write("bad.jsonl", content);
        // Whoever reads it, the answer is the same.
        foreach (var script in new[] { "Import-MailboxDelegation -Path $file", "Get-MailboxDelegation -Snapshot $file", "New-EsgPlan -Snapshot $file" })
        {
            var error = Refusal.Of(World, script, "SnapshotBroken", ErrorCategory.InvalidData, names, "Export-MailboxDelegation");
            Assert.Equal(World.Session["file"], error.TargetObject);
            Assert.NotEmpty(what);
        }

        var result = World.Session.RunWell("Sync-EsgSharedMailbox -Path $file -Confirm:$false").Single;
        Assert.Equal((1, "SnapshotBroken"), ((int)result.ExitCode, (string)result.Error.FullyQualifiedErrorId));
        Assert.Contains(names, (string)result.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Import-MailboxDelegation -Path $folder/none.jsonl", "SnapshotUnreadable", ErrorCategory.ObjectNotFound, "none.jsonl", "Check the path")]
    [InlineData("Import-MailboxDelegation -Path $folder/*.none", "PathNotFound", ErrorCategory.ObjectNotFound, "*.none", "Correct the path")]
    [InlineData("Import-MailboxDelegation -Path $folder", "SnapshotUnreadable", ErrorCategory.ReadError, "cannot be read", "Check the path")]
    [InlineData("Import-MailboxDelegation -Path Variable:\\folder", "PathNotInFileSystem", ErrorCategory.InvalidArgument, "Variable:", "path of a file")]
    [InlineData("New-EsgPlan -Snapshot 5", "SnapshotInvalid", ErrorCategory.InvalidArgument, "'5' is no snapshot", "Export-MailboxDelegation")]
    [InlineData("Get-MailboxDelegation -Snapshot (1, 2)", "SnapshotInvalid", ErrorCategory.InvalidArgument, "is no snapshot", "Export-MailboxDelegation")]
    public void What_is_no_file_of_a_snapshot_is_named(string script, string id, ErrorCategory category, string names, string advice) =>
        Refusal.Of(World, script, id, category, names, advice);

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    public void A_file_that_was_cut_can_be_looked_at_and_its_plan_only_adds(int lettersOfLastLine)
    {
        using var world = new World("small");
        world.Session["file"] = Path.Combine(world.Folder, "whole.jsonl");
        File.WriteAllLines((string)world.Session["file"]!, Good);
        world.Session.RunWell("$snapshot = Import-MailboxDelegation -Path $file");
        world.Plan("-RemoveStale Any -FunctionalUser Remove");
        var whole = world.Changes();
        Assert.Contains(whole, change => !change.StartsWith("AliasAdded ", StringComparison.Ordinal));

        File.WriteAllText((string)world.Session["file"]!, Lines(Good[..^1], Good[^1][..lettersOfLastLine], [])[..^1]);
        Assert.False((bool)world.Session.RunWell("($snapshot = Import-MailboxDelegation -Path $file)").Single.Complete);
        Assert.NotEmpty(world.Texts("$snapshot | Get-MailboxDelegation"));
        Assert.False((bool)world.Plan("-RemoveStale Any -FunctionalUser Remove").SnapshotComplete);
        Assert.Equal(whole.Where(change => change.StartsWith("AliasAdded ", StringComparison.Ordinal)), world.Changes());
    }

    private static string Lines(string[] before, string line, string[] after) => string.Join('\n', [.. before, line, .. after]) + "\n";
}
