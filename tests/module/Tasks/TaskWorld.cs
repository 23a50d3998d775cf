using System.Text.Json;
using System.Text.Json.Nodes;

namespace ModuleTests.Tasks;

/// <summary>A company with a configuration file beside its state: ann and ben, who may open info@ and have no alias for it yet.</summary>
internal sealed class TaskWorld : IDisposable
{
    private readonly Company _company = new();

    public TaskWorld(params string[] simulator)
    {
        World = new World(_company.Person("ann").Person("ben").Mailbox("info", "ann", "ben").Save(), simulator, connect: false);
        File.WriteAllText(Path.Combine(World.Folder, "esg-secret"), "simulator-admin\n");
        Environment.SetEnvironmentVariable(Variable, "simulator-admin");
        Configure();
    }

    /// <summary>Its own, as tests share the environment of their process.</summary>
    public string Variable { get; } = "ESG_" + Guid.NewGuid().ToString("n");

    public World World { get; }

    public Session Session => World.Session;

    public string ConfigurationPath => Path.Combine(World.Folder, "corp.json");

    public string TenantId => JsonNode.Parse(File.ReadAllText(Path.Combine(World.Tenant, "exchange.json")))!["tenant"]!["id"]!.GetValue<string>();

    public JsonObject Esg => new()
    {
        ["uri"] = World.Simulator.Uri,
        ["name"] = "corp",
        ["userName"] = "admin",
        ["passwordFrom"] = new JsonObject { ["environment"] = Variable },
        ["allowHttp"] = true,
        ["statePath"] = "state",
    };

    /// <summary>Writes the configuration: the appliance as <see cref="Esg"/>, and more.</summary>
    public void Configure(string more = "{}", JsonObject? esg = null)
    {
        var configuration = JsonNode.Parse(more)!.AsObject();
        configuration["esg"] = esg ?? Esg;
        File.WriteAllText(ConfigurationPath, configuration.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
    }

    public dynamic Sync(string more = "")
    {
        Session["configuration"] = ConfigurationPath;
        var result = Session.Run($"Sync-EsgSharedMailbox -ConfigurationPath $configuration -Confirm:$false {more}");
        Assert.Empty(result.Errors);
        return result.Single;
    }

    public static string Code(dynamic result) => ((string)result.Error.FullyQualifiedErrorId).Split(',')[0];

    public void Dispose()
    {
        World.Dispose();
        _company.Dispose();
        Environment.SetEnvironmentVariable(Variable, null);
    }
}
