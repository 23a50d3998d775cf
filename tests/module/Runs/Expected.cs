using System.Text.Json.Nodes;

namespace ModuleTests;

/// <summary>What must come out of the sample tenant, written down with its cases (tests/tenants/sample/expected.json, whose README says what is where).</summary>
internal static class Expected
{
    private static readonly JsonNode Root = JsonNode.Parse(File.ReadAllText(TestPaths.Tenant("sample", "expected.json")))!;

    public static JsonNode Counts => Root["counts"]!;

    public static JsonNode Later => Root["later"]!;

    /// <summary>Delegations as <c>mailbox delegate group &gt; group</c>, sorted, without the casing of addresses.</summary>
    public static string[] Delegations => Sorted(List("delegations").SelectMany(Repeated).Select(entry => Delegation(Text(entry, "mailbox"), Text(entry, "delegate"), entry["via"]!.AsArray().Select(via => via!.GetValue<string>()))));

    /// <summary>Mailboxes that cannot be known, as <c>mailbox reason</c>, sorted.</summary>
    public static string[] Unknown => Sorted(List("unknownMailboxes").Select(entry => $"{Text(entry, "mailbox")} {Text(entry, "reason")}"));

    /// <summary>Each user that the first run changes: id and the addresses afterwards.</summary>
    public static IReadOnlyDictionary<long, string[]> UsersAfterFirstRun => List("usersAfterFirstRun").ToDictionary(
        entry => entry["id"]!.GetValue<long>(), entry => entry["addresses"]!.AsArray().Select(address => address!.GetValue<string>()).ToArray());

    /// <summary>Ids of the functional users that may go.</summary>
    public static long[] Removable => [.. List("functionalUsersRemovable").Select(entry => entry["id"]!.GetValue<long>()).Order()];

    /// <summary>Ids of the functional users that stay.</summary>
    public static long[] Kept => [.. List("functionalUsersKept").Select(entry => entry["id"]!.GetValue<long>()).Order()];

    /// <summary>One delegation as <see cref="Delegations"/> has it.</summary>
    public static string Delegation(string mailbox, string person, IEnumerable<string> via) =>
        $"{mailbox} {person} {string.Join(" > ", via)}".ToUpperInvariant();

    private static IEnumerable<JsonNode> List(string name) => Root[name]!.AsArray().Select(entry => entry!);

    private static string Text(JsonNode entry, string name) => entry[name]!.GetValue<string>();

    private static string[] Sorted(IEnumerable<string> texts) => [.. texts.Order(StringComparer.Ordinal)];

    private static IEnumerable<JsonNode> Repeated(JsonNode entry)
    {
        if (entry["Repeat"] is not JsonArray range)
        {
            return [entry];
        }

        var (first, last) = (range[0]!.GetValue<int>(), range[1]!.GetValue<int>());
        return Enumerable.Range(first, last - first + 1).Select(number => JsonNode.Parse(entry.ToJsonString().Replace("{n:d4}", $"{number:d4}", StringComparison.Ordinal))!);
    }
}
