namespace ModuleTests;

/// <summary>A tenant and an appliance: the stand-in for Exchange and the simulator, with a session that is connected to both.</summary>
internal sealed class World : IDisposable
{
    public const string Token = "planted-token-4711";

    private readonly string _folder = Directory.CreateTempSubdirectory("esgmailboxsync-").FullName;

    private int _states;

    /// <param name="tenant">A folder of tests/tenants, or the full path of another one.</param>
    /// <param name="options">More arguments of esg-simulator.</param>
    /// <param name="connect">Connect to ESG at once.</param>
    public World(string tenant = "sample", string[]? options = null, bool connect = true)
    {
        Tenant = tenant;
        Simulator = new Simulator(TestPaths.Tenant(tenant, "esg.json"), options ?? []);
        Session = Session.WithExchange();
        LoadTenant(TestPaths.Tenant(tenant, "exchange.json"));
        if (connect)
        {
            Connect();
        }
    }

    public string Tenant { get; }

    public Simulator Simulator { get; }

    public Session Session { get; }

    /// <summary>A folder that ends with the test; the state file is below it.</summary>
    public string Folder => _folder;

    public string StatePath => Path.Combine(_folder, _states == 0 ? "state" : $"state{_states}");

    public string SnapshotPath => Path.Combine(_folder, "snapshot.jsonl");

    public string PlanPath => Path.Combine(_folder, "plan.json");

    /// <summary>Makes the stand-in serve a tenant file.</summary>
    public void LoadTenant(string path, string more = "")
    {
        Session["tenantFile"] = path;
        Session.RunWell($"Set-ExchangeStandIn -Path $tenantFile {more}; Connect-ExchangeOnline");
    }

    /// <summary>A company in place of what is there, with a state of its own: a test that shares this world begins anew without another simulator.</summary>
    public void Begin(Company company)
    {
        var folder = company.Save();
        Simulator.Load(File.ReadAllText(Path.Combine(folder, "esg.json")));
        Simulator.Faults("[]");
        _states++;
        Connect();
        LoadTenant(Path.Combine(folder, "exchange.json"));
        ReadAndPlan();
        Assert.Empty(Apply().Errors);
        Simulator.ResetCounts();
    }

    /// <summary>Exchange as the company is now.</summary>
    public void Change(Company company) => LoadTenant(Path.Combine(company.Save(), "exchange.json"));

    public void Connect(string more = "")
    {
        Session["esgUri"] = Simulator.Uri;
        Session["esgState"] = StatePath;
        Session.RunWell($"""
            $credential = [pscredential]::new('admin', (ConvertTo-SecureString 'simulator-admin' -AsPlainText -Force))
            $null = Connect-Esg -Name corp -Uri $esgUri -Credential $credential -AllowHttp -StatePath $esgState {more}
            """);
    }

    /// <summary>Reads the tenant into <c>$snapshot</c> and <see cref="SnapshotPath"/>.</summary>
    public ScriptResult Read(string more = "")
    {
        Session["snapshotPath"] = SnapshotPath;
        return Session.RunWell($"$snapshot = Export-MailboxDelegation -Path $snapshotPath -Confirm:$false {more}; $snapshot");
    }

    /// <summary>Plans from <c>$snapshot</c> into <c>$plan</c>.</summary>
    public dynamic Plan(string more = "") => Session.RunWell($"$plan = New-EsgPlan -Snapshot $snapshot {more}; $plan").Single;

    /// <summary>Reads and plans as <see cref="Read"/> and <see cref="Plan"/> do, and gives the plan.</summary>
    public dynamic ReadAndPlan(string more = "")
    {
        Read();
        return Plan(more);
    }

    /// <summary>The output of a script that must not fail, as texts.</summary>
    public string[] Texts(string script) => [.. Session.RunWell(script).Output.Select(output => $"{output}")];

    /// <summary>What a plan changes, sorted: <c>AliasAdded jane@corp.example info@corp.example</c>.</summary>
    public string[] Changes(string plan = "$plan") =>
        [.. Texts($"foreach ($change in {plan}.Action | ForEach-Object Change) {{ \"$($change.Kind) $($change.UserName) $($change.Address)\" }}").Order(StringComparer.Ordinal)];

    /// <summary>Why a plan leaves something alone: the codes by user and address; either may be empty.</summary>
    public string[] LeftAlone(string username, string address = "*")
    {
        Session["leftUser"] = username;
        Session["leftAddress"] = address;
        return Texts("$plan.LeftAlone | Where-Object { \"$($_.UserName)\" -eq $leftUser -and \"$($_.Address)\" -like $leftAddress } | ForEach-Object Code");
    }

    /// <summary>Applies <c>$plan</c>.</summary>
    public ScriptResult Apply(string more = "") => Session.Run($"$run = $null; $run = $plan | Invoke-MailboxSyncPlan -Confirm:$false {more}; if ($run) {{ $run }}");

    public void Dispose()
    {
        Session.Dispose();
        Simulator.Dispose();
        Directory.Delete(_folder, true);
    }
}
