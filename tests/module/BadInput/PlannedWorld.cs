using System.Text.Json.Nodes;

namespace ModuleTests.BadInput;

/// <summary>A connected session with a snapshot and a plan, as objects (<c>$snapshot</c>, <c>$plan</c>) and as files, for tests that change nothing.</summary>
public sealed class PlannedWorld : IDisposable
{
    public PlannedWorld()
    {
        World = new World("help", connect: false);
        World.Session.RunWell("$password = ConvertTo-SecureString 'help-pages' -AsPlainText -Force; $credential = [pscredential]::new('admin', $password)");
        World.Session["esgUri"] = World.Simulator.Uri;
        World.Session["state"] = World.StatePath;
        World.Session["folder"] = World.Folder;
        World.Session.RunWell("$null = Connect-Esg -Name corp -Uri $esgUri -Credential $credential -AllowHttp -StatePath $state");
        World.Read();
        World.Plan($"-Path '{World.PlanPath}'");
    }

    internal World World { get; }

    public void Dispose() => World.Dispose();

    /// <summary>Writes a file into the folder and gives its path.</summary>
    internal string Write(string name, string content)
    {
        var path = Path.Combine(World.Folder, name);
        File.WriteAllText(path, content);
        return path;
    }

    /// <summary>The plan file with a change.</summary>
    internal string ChangedPlan(Action<JsonNode> change)
    {
        var plan = JsonNode.Parse(File.ReadAllText(World.PlanPath))!;
        change(plan);
        return plan.ToJsonString();
    }
}
