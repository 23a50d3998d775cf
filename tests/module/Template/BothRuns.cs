using System.Text.Json.Nodes;

namespace ModuleTests.Template;

/// <summary>
/// One company, brought in line three times by the vendor's template and three times by this module: at first, again, and after Ben lost Sales.
/// The template is read from the reference folder beside the checkout; it is not ours to keep a copy of.
/// </summary>
public sealed class BothRuns
{
    public BothRuns()
    {
        if (Text is null)
        {
            return;
        }

        Theirs = [.. Follow(RunTemplate)];
        Ours = [.. Follow(RunModule)];
    }

    /// <summary>The template with address and token filled in and without its connection line; null when the reference is not there.</summary>
    private static string? Text { get; } = ReadTemplate();

    internal IReadOnlyList<Outcome> Theirs { get; } = [];

    internal IReadOnlyList<Outcome> Ours { get; } = [];

    internal static void SkipWithoutTemplate() => Assert.SkipUnless(Text is not null, "the vendor's template is not beside the checkout");

    private static string? ReadTemplate()
    {
        var folder = Path.Combine(TestPaths.Root, "..", "shared", "reference", "seeds");
        var file = Directory.Exists(folder) ? Directory.GetFiles(folder, "000_*.txt").SingleOrDefault() : null;
        if (file is null)
        {
            return null;
        }

        var text = File.ReadAllText(file);
        const string First = "Import-Module ExchangeOnlineManagement", Last = "Write-Host \"all shared mailbox are now mapped\"";
        var start = text.IndexOf(First, StringComparison.Ordinal);
        var lines = text[start..(text.LastIndexOf(Last, StringComparison.Ordinal) + Last.Length)].Split('\n');
        var connection = Assert.Single(lines, line => line.StartsWith("Connect-ExchangeOnline", StringComparison.Ordinal));
        return string.Join('\n', lines.Where(line => line != connection));
    }

    // Each defect has its people and mailboxes: Anna stands on the first page of ESG's users, Ben on the second, Emil on none. Functional users
    // have the names that an import gives them, mostly. "Invoices" is another one's: the name of a mailbox, and the address of a partner.
    private static Company NewCompany()
    {
        var company = new Company().Person("anna").Person("carla").Person("emil", atEsg: false);
        company.Person("ben", atEsg: false).Group("Sales-Leads", "ben").Group("Sales-Team", "anna", "Sales-Leads");
        company.Mailbox("Sales", "anna", "ben").Deny("Sales", "carla");
        company.Mailbox("Team", "Sales-Team").Mailbox("Archive", "emil");
        company.HiddenMailbox("Contracts", "anna").EsgUser(Company.Address("Contracts"), 499, Company.Address("Contracts"));
        company.HiddenMailbox("Invoices", "anna").EsgUser("Invoices", 499, "invoices@partner.example");
        company.EsgUser(Company.Address("Sales-Leads"), 499, Company.Address("Sales-Leads"));
        for (var i = 1; i <= 150; i++)
        {
            company.EsgUser($"person{i}@corp.example", 7, $"person{i}@corp.example");
        }

        return company.EsgUser(Company.Address("ben"), 7, Company.Address("ben"));
    }

    private static IEnumerable<Outcome> Follow(Action<World> run)
    {
        using var company = NewCompany();
        using var world = new World(company.Save(), connect: false);
        yield return Once();
        yield return Once();
        company.Revoke("Sales", "ben");
        world.LoadTenant(Path.Combine(company.Save(), "exchange.json"));
        yield return Once();

        Outcome Once()
        {
            world.Simulator.ResetCounts();
            run(world);
            return new(world.Simulator.State, world.Simulator.Written);
        }
    }

    // In a scope of its own, as a scheduled task has a session: no variable is left from the last run.
    private static void RunTemplate(World world)
    {
        var modules = Path.Combine(world.Folder, "modules");
        var module = Path.Combine(modules, "ExchangeOnlineManagement");
        Directory.CreateDirectory(module);
        File.WriteAllText(Path.Combine(module, "ExchangeOnlineManagement.psm1"), "");
        world.Session["modules"] = modules;
        world.Session["template"] = Text!.Replace("<youresgAddress>", world.Simulator.Uri, StringComparison.Ordinal).Replace("apiToken", Token(world), StringComparison.Ordinal);
        var result = world.Session.Run("""
            $env:PSModulePath = $modules
            & { Set-StrictMode -Off; & ([scriptblock]::Create($template)) }
            """);
        Assert.Contains("all shared mailbox are now mapped", result.Everything, StringComparison.Ordinal);
    }

    private static string Token(World world)
    {
        using var client = new HttpClient { BaseAddress = new(world.Simulator.Uri) };
        using var account = new StringContent("""{"username": "admin", "password": "simulator-admin"}""", null, "application/json");
        using var reply = client.PostAsync(new Uri("/api/v2/login", UriKind.Relative), account).GetAwaiter().GetResult();
        return JsonNode.Parse(reply.Content.ReadAsStringAsync().GetAwaiter().GetResult())!["token"]!.GetValue<string>();
    }

    private static void RunModule(World world)
    {
        world.Connect();
        world.ReadAndPlan("-FunctionalUser Remove");
        Assert.Empty(world.Apply().Errors);
    }

    /// <summary>What ESG holds after a run, and the PATCH and DELETE requests of the run.</summary>
    internal sealed record Outcome(JsonNode State, string[] Written)
    {
        /// <summary>There is a user of that name.</summary>
        public bool Has(string username) => Find(username) is not null;

        /// <summary>Addresses of a user, in their order.</summary>
        public string[] Of(string username) =>
            [.. Find(username)!["emailAddresses"]!.AsArray().Select(element => element!["address"]!.GetValue<string>())];

        public long IdOf(string username) => Find(username)!["id"]!.GetValue<long>();

        private JsonNode? Find(string username) => State["users"]!.AsArray().SingleOrDefault(user => user!["username"]!.GetValue<string>() == username);
    }
}
