namespace ModuleTests.Runs;

/// <summary>A first run, something that happens in a company, and a second run: who has which alias then (design 6 to 8).</summary>
public sealed class ScenarioTests(SharedWorld shared) : IClassFixture<SharedWorld>
{
    private const string Anna = "anna@corp.example", Ben = "ben@corp.example", Sales = "sales@corp.example";

    private World World => shared.World;

    private string[] Has(string user) => [.. World.Simulator.Addresses(user).Skip(1).Order(StringComparer.Ordinal)];

    [Fact]
    public void A_renamed_mailbox_gives_its_new_address_and_the_old_one_stays_while_it_is_an_address_of_the_mailbox()
    {
        using var company = new Company().Person("anna").HiddenMailbox("sales", "anna");
        World.Begin(company);
        Assert.Equal([Sales], Has(Anna));

        Second(company.Rename("sales", "verkauf"), $"AliasAdded {Anna} verkauf@corp.example");
        Assert.Equal([Sales, "verkauf@corp.example"], Has(Anna));

        var reasons = Second(company.Rename("sales", "verkauf", keepOld: false), $"AliasRemoved {Anna} {Sales}");
        Assert.Contains("does not have the address any more", Assert.Single(reasons), StringComparison.Ordinal);
        Assert.Equal(["verkauf@corp.example"], Has(Anna));
    }

    [Fact]
    public void A_renamed_person_keeps_all_under_the_old_name_and_under_the_new_one()
    {
        using var company = new Company().Person("anna").Person("ben").HiddenMailbox("sales", "anna", "ben");
        World.Begin(company);

        // Exchange has the new name, ESG still the old one: whoever that is now, it may be the same human.
        company.Rename("anna", "anna.neu", keepOld: false);
        Second(company);
        Assert.Equal(["MayBeRenamed"], World.LeftAlone(Anna));
        Assert.Contains("renamed", Assert.Single(World.Texts($"$plan.LeftAlone | Where-Object UserName -eq {Anna} | ForEach-Object Reason")), StringComparison.Ordinal);

        // The import renames the user too: the alias is ours as before, and goes with the permission.
        World.Simulator.Edit("""{"id": 1001, "username": "anna.neu@corp.example", "emailAddresses": [{"address": "anna.neu@corp.example", "active": true, "primary": true}, {"address": "sales@corp.example", "active": true, "primary": false}]}""");
        Second(company);
        Assert.Empty(World.LeftAlone("anna.neu@corp.example"));
        Second(company.RevokeAll("sales").Grant("sales", "ben"), $"AliasRemoved anna.neu@corp.example {Sales}");
        Assert.Empty(Has("anna.neu@corp.example"));
    }

    [Fact]
    public void A_deleted_mailbox_keeps_its_aliases_while_it_may_be_restored_and_loses_them_when_it_is_gone_for_good()
    {
        using var company = new Company().Person("anna").Person("ben").Mailbox("sales", "anna").HiddenMailbox("support", "ben");
        World.Begin(company);

        Second(company.SoftDelete("sales"));
        Assert.Equal(["MailboxSoftDeleted"], World.LeftAlone(Anna));
        Second(company.SoftDelete("sales", restore: true));
        Assert.Empty(World.LeftAlone(Anna));
        Assert.Equal([Sales], Has(Anna));

        // Its functional user stays: nothing proves any more whose it was.
        Second(company.Delete("sales"), $"AliasRemoved {Anna} {Sales}");
        Assert.Empty(Has(Anna));
        World.Plan("-FunctionalUser Remove");
        Assert.Equal(["NoMailbox"], World.LeftAlone("sales"));
        Assert.Contains("sales", World.Texts("$plan.Finding | Where-Object Code -eq FunctionalUserWithoutMailbox | ForEach-Object Subject"));
    }

    [Fact]
    public void A_person_whose_mailbox_became_shared_is_told_and_never_deleted_and_loses_nothing()
    {
        using var company = new Company().Person("anna").Person("ben").HiddenMailbox("sales", "anna", "ben");
        World.Begin(company);

        company.Convert("anna").Grant("anna", "ben");
        World.Change(company);
        World.ReadAndPlan("-FunctionalUser Remove -RemoveStale Any");
        Assert.Equal([$"AliasAdded {Ben} {Anna}"], World.Changes());
        Assert.Equal(["RoleDiffers", "UserIsMailbox"], World.LeftAlone(Anna).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal([Anna], World.Texts("$plan.Finding | Where-Object Code -eq MailboxImportedAsPerson | ForEach-Object Subject"));
        Assert.Empty(World.Apply().Errors);
        Assert.Equal([Sales], Has(Anna));
        Assert.Equal([Anna, Sales], Has(Ben));
    }

    [Fact]
    public void A_shared_mailbox_that_became_a_persons_keeps_its_aliases_and_its_functional_user()
    {
        using var company = new Company().Person("anna").Person("ben").Mailbox("sales", "anna").HiddenMailbox("support", "ben");
        World.Begin(company);

        World.Change(company.Convert("sales"));
        World.ReadAndPlan("-FunctionalUser Remove -RemoveStale Any");
        Assert.Empty(World.Changes());
        Assert.Equal(["MailboxIsRecipient"], World.LeftAlone(Anna));
        Assert.Equal(["NoMailbox"], World.LeftAlone("sales"));
        World.Apply();
        Assert.Equal(0, World.Simulator.Writes);

        // And back again: as if nothing had been.
        Second(company.Convert("sales").Grant("sales", "anna"));
        Assert.Empty(World.LeftAlone(Anna));
        Assert.Equal([Sales], Has(Anna));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_leaver_loses_our_aliases_and_holds_nothing_for_a_functional_user(bool disabled)
    {
        using var company = new Company().Person("anna").Person("ben").Mailbox("sales", "anna").Mailbox("support", "ben");
        World.Begin(company);

        World.Change(disabled ? company.Disable("anna") : company.Delete("anna"));
        World.ReadAndPlan("-FunctionalUser Remove");
        Assert.Equal([$"AliasRemoved {Anna} {Sales}", "FunctionalUserRemoved support support@corp.example"], World.Changes());
        Assert.Equal(["NotHeld"], World.LeftAlone("sales"));
        Assert.Contains("no delegation on", Assert.Single(World.Texts($"$plan.Action.Change | Where-Object UserName -eq {Anna} | ForEach-Object Reason")), StringComparison.Ordinal);
        Assert.Empty(World.Apply().Errors);
        Assert.Empty(Has(Anna));
        Assert.True(World.Simulator.HasUser("sales"));
        Assert.False(World.Simulator.HasUser("support"));
        Second(company);
    }

    [Theory]
    [InlineData("Managed", true)]
    [InlineData("Any", false)]
    public void Two_tenants_on_one_appliance_never_touch_the_aliases_of_each_other(string removeStale, bool migrated)
    {
        using var corp = new Company().Person("anna").Person("ben").HiddenMailbox("sales", "anna");
        World.Begin(corp);
        var options = $"-RemoveStale {removeStale} -Target";

        // The other tenant has a name, and so a state, of its own. After a migration it has an address of the first one, and gives it to nobody.
        using var other = new Company().Tenant(0xBBBB).Person("ben").Person("anna").HiddenMailbox("support", "ben");
        World.Session.RunWell("$null = Connect-Esg -Name other -Uri $esgUri -Credential $credential -AllowHttp -StatePath $esgState");
        SecondWith($"{options} other", migrated ? other.HiddenMailbox("sales") : other, $"AliasAdded {Ben} support@corp.example");
        Assert.Equal(migrated ? [Anna] : [], World.Texts("$plan.Finding | Where-Object Code -eq UnexplainedAlias | ForEach-Object Subject"));
        Assert.Equal([Sales], Has(Anna));
        SecondWith($"{options} other", other.RevokeAll("support"), $"AliasRemoved {Ben} support@corp.example");
        SecondWith($"{options} other", other.Grant("support", "ben"), $"AliasAdded {Ben} support@corp.example");

        SecondWith($"{options} corp", corp);
        SecondWith($"{options} corp", corp.RevokeAll("sales"), $"AliasRemoved {Anna} {Sales}");
        Assert.Equal(["support@corp.example"], Has(Ben));
        World.Session.RunWell("Disconnect-Esg other");
    }

    [Fact]
    public void RemoveStale_Any_cannot_know_what_another_connection_added_to_an_address_of_its_own_tenant()
    {
        using var corp = new Company().Person("anna").Person("ben").HiddenMailbox("sales", "anna");
        World.Begin(corp);
        using var other = new Company().Tenant(0xBBBB).Person("ben").Person("anna").HiddenMailbox("support", "ben");
        World.Session.RunWell("$null = Connect-Esg -Name other -Uri $esgUri -Credential $credential -AllowHttp -StatePath $esgState");
        SecondWith("-RemoveStale Any -Target other", other.HiddenMailbox("sales"), $"AliasAdded {Ben} support@corp.example", $"AliasRemoved {Anna} {Sales}");
        World.Session.RunWell("Disconnect-Esg other");
    }

    [Fact]
    public void Each_named_target_of_a_machine_has_a_state_of_its_own()
    {
        using var company = new Company().Person("anna").Person("ben").HiddenMailbox("sales", "anna");
        World.Begin(company);
        using var lab = new Simulator(Path.Combine(company.Folder, "esg.json"));
        World.Session["labUri"] = lab.Uri;
        World.Session.RunWell("$null = Connect-Esg -Name lab -Uri $labUri -Credential $credential -AllowHttp -StatePath $esgState");
        Assert.StartsWith("TargetNotNamed", World.Session.Run("New-EsgPlan -Snapshot $snapshot").Error.FullyQualifiedErrorId, StringComparison.Ordinal);

        // What corp has got is not there at lab; a plan that waits for lab is not made stale by a run at corp.
        World.Change(company.Grant("sales", "ben"));
        World.Read();
        World.Session.RunWell("$lab = New-EsgPlan -Snapshot $snapshot -Target lab; $corp = New-EsgPlan -Snapshot $snapshot -Target corp");
        Assert.Equal(["AliasAdded anna@corp.example sales@corp.example", "AliasAdded ben@corp.example sales@corp.example"], World.Changes("$lab"));
        Assert.Equal(["AliasAdded ben@corp.example sales@corp.example"], World.Changes("$corp"));
        World.Session.RunWell("$corp, $lab | Invoke-MailboxSyncPlan -Confirm:$false");
        Assert.Equal([Anna, Sales], lab.Addresses(Anna));
        Assert.Equal(["corp 2", "lab 1"], World.Texts("foreach ($name in 'corp', 'lab') { \"$name $(@(Get-MailboxSyncRun -Target $name).Count)\" }"));

        // Taken away by hand at lab: that ends nothing at corp.
        lab.Edit("""{"id": 1001, "emailAddresses": [{"address": "anna@corp.example", "active": true, "primary": true}]}""");
        World.Change(company.RevokeAll("sales"));
        World.Read();
        World.Session.RunWell("$lab = New-EsgPlan -Snapshot $snapshot -Target lab; $corp = New-EsgPlan -Snapshot $snapshot -Target corp");
        Assert.Equal([$"AliasRemoved {Ben} {Sales}"], World.Changes("$lab"));
        Assert.Equal([$"AliasRemoved {Anna} {Sales}", $"AliasRemoved {Ben} {Sales}"], World.Changes("$corp"));
        Assert.Equal(["corp.esg.db", "lab.esg.db"], Directory.GetFiles(World.StatePath, "*.db").Select(Path.GetFileName).Order());
        World.Session.RunWell("Disconnect-Esg lab");
    }

    /// <summary>Reads, plans and applies again; what changes is exactly this, and then nothing is left to do. Gives the reasons.</summary>
    private string[] Second(Company company, params string[] changes) => SecondWith("", company, changes);

    private string[] SecondWith(string options, Company company, params string[] changes)
    {
        World.Change(company);
        World.ReadAndPlan(options);
        Assert.Equal(changes, World.Changes());
        var reasons = World.Texts("$plan.Action | ForEach-Object Change | ForEach-Object Reason");
        Assert.Empty(World.Apply().Errors);
        World.Plan(options);
        Assert.Empty(World.Changes());
        return reasons;
    }
}
