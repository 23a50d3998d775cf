using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ModuleTests.Runs;

/// <summary>
/// Whoever chooses a name of a mailbox, a person, a group, a tenant or an appliance puts nothing into a report but text. The same company is reported twice, once with harmless names: the markup of
/// both pages must be the same, and no cell may be a formula.
/// </summary>
public sealed partial class HostileNamesTests
{
    private static readonly string[] Harmful =
    [
        "<img src=x onerror=alert(1)>", "</script><script>alert(1)</script>", "=cmd|' /C calc'!A0", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(1+1)", "\t=1+1", "\"><svg onload='alert(1)'>", "&lt;b&gt;",
    ];

    [Fact]
    public void Names_of_mailboxes_people_groups_tenant_and_target_stay_text_in_reports_of_a_run_a_plan_and_a_snapshot()
    {
        var (harmless, _) = Reports(number => $"name {number}");
        var (hostile, names) = Reports(number => $"{Harmful[number % Harmful.Length]} {number}");
        foreach (var subject in (string[])["run", "plan", "snapshot"])
        {
            var page = hostile[subject + ".html"];
            Assert.Equal(Markup(harmless[subject + ".html"]), Markup(page));
            // All data of the tables is in there; it could end its element by none but these.
            Assert.DoesNotMatch("[<>&]", Data(page));

            var cells = Cells(hostile[subject + ".csv"]);
            Assert.Equal(Cells(harmless[subject + ".csv"]).Length, cells.Length);
            Assert.All(cells, cell => Assert.DoesNotMatch(@"^(\s*[=+\-@]|[\t\r\n])", cell));

            // They are there, and whole.
            var texts = JsonSerializer.Deserialize<JsonElement>(Data(page)).GetProperty("texts").EnumerateArray().Select(text => text.GetString()!).Append(WebUtility.HtmlDecode(page)).ToArray();
            var told = Json(hostile[subject + ".json"]).ToArray();
            foreach (var place in Places[subject])
            {
                var seen = names[place].Where(name => told.Any(text => text.Contains(name, StringComparison.Ordinal))).ToArray();
                Assert.True(seen.Length > 0, $"no {place} in the report of a {subject}");
                Assert.All(seen, name => Assert.Contains(texts, text => text.Contains(name, StringComparison.Ordinal)));
                Assert.All(seen, name => Assert.Contains(cells.Append(Facts(page)), cell => cell.Contains(name, StringComparison.Ordinal)));
            }
        }
    }

    /// <summary>Where a name must have been found, lest the test proves nothing.</summary>
    private static readonly Dictionary<string, string[]> Places = new()
    {
        ["run"] = ["mailbox", "user", "group", "tenant", "target"],
        ["plan"] = ["mailbox", "user", "group", "tenant", "target"],
        ["snapshot"] = ["mailbox", "person", "group", "tenant"],
    };

    /// <summary>Reports by name of their file, of a company whose every name comes from <paramref name="make"/>; and those names by what has them.</summary>
    private static (Dictionary<string, string> Texts, Dictionary<string, List<string>> Names) Reports(Func<int, string> make)
    {
        var names = new Dictionary<string, List<string>>();
        var folder = Directory.CreateTempSubdirectory("hostile-").FullName;
        string Name(string place)
        {
            var name = make(names.Values.Sum(each => each.Count));
            (names.TryGetValue(place, out var list) ? list : names[place] = []).Add(name);
            return name;
        }

        try
        {
            var rows = File.ReadLines(TestPaths.Tenant("small", "snapshot.jsonl")).Where(line => line.Length > 0).Select(line => JsonNode.Parse(line)!.AsObject()).ToArray();
            var byKey = new Dictionary<string, string>();
            foreach (var row in rows.Where(row => $"{row["kind"]}" is "recipient" or "mailbox"))
            {
                var type = $"{row["type"]}";
                var place = type.Contains("Group", StringComparison.Ordinal) ? "group" : type == "SharedMailbox" ? "mailbox" : "person";
                row["displayName"] = byKey.TryGetValue($"{row["key"]}", out var known) ? known : byKey[$"{row["key"]}"] = Name(place);
            }

            rows[0]["tenant"]!["name"] = Name("tenant");
            File.WriteAllLines(Path.Combine(folder, "snapshot.jsonl"), rows.Select(row => row.ToJsonString()));
            var appliance = JsonNode.Parse(File.ReadAllText(TestPaths.Tenant("small", "esg.json")))!;
            foreach (var user in appliance["users"]!.AsArray())
            {
                user!["username"] = Name("user");
            }

            File.WriteAllText(Path.Combine(folder, "esg.json"), appliance.ToJsonString());
            File.Copy(TestPaths.Tenant("small", "exchange.json"), Path.Combine(folder, "exchange.json"));
            // It names a file, too, and may have nothing in it but letters, digits and these.
            names["target"] = [make(0)[0] == '<' ? "-2-3" : "name"];
            using var world = new World(folder, connect: false);
            world.Session["folder"] = folder;
            world.Session["target"] = names["target"][0];
            world.Session["uri"] = world.Simulator.Uri;
            world.Session.RunWell("""
                $credential = [pscredential]::new('admin', (ConvertTo-SecureString 'simulator-admin' -AsPlainText -Force))
                $null = Connect-Esg -Name $target -Uri $uri -Credential $credential -AllowHttp -StatePath "$folder/state"
                $snapshot = Import-MailboxDelegation "$folder/snapshot.jsonl"
                $plan = $snapshot | New-EsgPlan -FunctionalUser Remove
                $run = $plan | Invoke-MailboxSyncPlan -Confirm:$false
                foreach ($format in 'html', 'csv', 'json') {
                    $null = $run | Export-MailboxSyncReport "$folder/run.$format"
                    $null = $plan | Export-MailboxSyncReport "$folder/plan.$format"
                    $null = $snapshot | Export-MailboxSyncReport "$folder/snapshot.$format"
                }
                Disconnect-Esg
                """);
            return (Directory.GetFiles(folder).Where(file => Path.GetFileName(file) is not ("esg.json" or "exchange.json")).ToDictionary(file => Path.GetFileName(file), file => File.ReadAllText(file)), names);
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    /// <summary>Every tag of a page without what is in its data, sorted, for rows have the order of their names; of each, how many.</summary>
    private static string[] Markup(string page) =>
        [.. Tag().Matches(page.Replace(Data(page), "", StringComparison.Ordinal)).Select(tag => tag.Value).CountBy(tag => tag).Select(tag => $"{tag.Key} {tag.Value}").Order(StringComparer.Ordinal)];

    private static string Data(string page) => DataElement().Match(page) is { Success: true } found ? found.Groups[1].Value : throw new InvalidOperationException("there is no data");

    /// <summary>What stands above the tables as text: a sheet has none of it.</summary>
    private static string Facts(string page) => WebUtility.HtmlDecode(page.Split("</header>")[0]);

    private static IEnumerable<string> Json(string text)
    {
        var open = new Stack<JsonElement>([JsonSerializer.Deserialize<JsonElement>(text)]);
        while (open.TryPop(out var element))
        {
            switch (element.ValueKind)
            {
                case JsonValueKind.String: yield return element.GetString()!; break;
                case JsonValueKind.Array: foreach (var item in element.EnumerateArray()) { open.Push(item); } break;
                case JsonValueKind.Object: foreach (var property in element.EnumerateObject()) { open.Push(property.Value); } break;
            }
        }
    }

    /// <summary>The cells of a sheet as a spreadsheet reads them.</summary>
    private static string[] Cells(string sheet)
    {
        var (cells, cell, quoted) = (new List<string>(), new StringBuilder(), false);
        for (var at = sheet[0] == '\ufeff' ? 1 : 0; at < sheet.Length; at++)
        {
            if (sheet[at] == '"' && quoted && at + 1 < sheet.Length && sheet[at + 1] == '"') { cell.Append('"'); at++; }
            else if (sheet[at] == '"') { quoted = !quoted; }
            else if (!quoted && sheet[at] is (',' or '\n')) { cells.Add(cell.ToString()); cell.Clear(); }
            else if (quoted || sheet[at] != '\r') { cell.Append(sheet[at]); }
        }

        Assert.False(quoted);
        return [.. cells];
    }

    [GeneratedRegex("<[a-zA-Z/!][^>]*>")]
    private static partial Regex Tag();

    [GeneratedRegex("<script type=\"application/json\" id=\"data\">(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex DataElement();
}
