using System.Management.Automation;

namespace ModuleTests.Exchange;

/// <summary>On-premises Exchange (exo 8.25): accounts, translated names, denies, and what it does not have.</summary>
public sealed class OnPremisesTests
{
    private const string Gretchen = "gretchen.mueller@tailspindemo.example";
    private const string Self = @"{""Identity"":""corp.tailspindemo.example/Users/Buchhaltung"",""User"":""NT-AUTORITÄT\\SELBST"",""AccessRights"":[""FullAccess, ReadPermission""],""IsInherited"":false,""Deny"":""False"",""InheritanceType"":""All""}";

    [Theory]
    [InlineData(@"CORP\\gmüller", Gretchen)]
    [InlineData(@"corp\\GMÜLLER", Gretchen)]
    [InlineData(@"CORP\\ogruber", "ogruber@corp.tailspindemo.example")]
    [InlineData(@"CORP\\Kasse", Gretchen)]
    public void An_account_is_the_person_or_group_of_that_domain(string user, string delegatedTo)
    {
        using var tenant = Tenant(Row(user));
        tenant.Give("members", tenant.Parse("""{"Guid":"0f000000-2222-4000-8000-cccccccc0026","RecipientTypeDetails":"UserMailbox"}"""));
        Assert.Equal([delegatedTo], tenant.Delegations().Select(text => text.Split(' ')[0]));
        Assert.Empty(tenant.Unknown());
    }

    [Theory]
    [InlineData(@"OTHER\\gmüller")]
    [InlineData(@"CORP\\nobody")]
    [InlineData(@"gmüller")]
    public void An_account_of_another_domain_is_nobody_that_is_known(string user)
    {
        using var tenant = Tenant(Row(user));
        Assert.Empty(tenant.Delegations());
        Assert.Equal(["UnresolvedTrustee " + user.Replace(@"\\", @"\", StringComparison.Ordinal)], tenant.Unknown());
    }

    [Fact]
    public void A_long_label_is_cut_as_Windows_cuts_it_and_the_cloud_has_no_accounts()
    {
        using var tenant = Tenant(Row(@"VERYLONGDOMAINN\\gmüller"));
        foreach (var row in (PSObject[])tenant.Exchange.Session["people"]!)
        {
            row.Properties["Identity"].Value = $"{row.Properties["Identity"].Value}".Replace("corp.", "verylongdomainname.", StringComparison.Ordinal);
        }

        Assert.Single(tenant.Delegations());
        Assert.Contains(@"VERYLONGDOMAINN\gmüller", tenant.Lines("recipient").Select(line => line.Text("account")));
        using var cloud = new SampleTenant(SampleShape.Json);
        var people = (PSObject[])cloud.Exchange.Session["people"]!;
        people[0].Properties.Add(new PSNoteProperty("SamAccountName", "$ABC-123"));
        cloud.Read();
        Assert.All(cloud.Lines("recipient"), line => Assert.Null(line.Text("account")));
    }

    [Theory]
    [InlineData(@"NT-AUTORITÄT\\SELBST")]
    [InlineData(@"NT-AUTORITÄT\\SYSTEM")]
    [InlineData(@"AUTORITE NT\\SELF")]
    [InlineData(@"AUTORITE NT\\SYSTÈME")]
    [InlineData(@"NT AUTHORITY\\SELF")]
    [InlineData(@"VORDEFINIERT\\Administratoren", "S-1-5-32-544")]
    [InlineData(@"ISTITUZIONE NT\\SELF MEDESIMO", "S-1-5-10")]
    public void Rule13_Translated_names_of_the_system_are_nobody(string user, string? sid = null)
    {
        using var tenant = Tenant(Row(user, sid: sid));
        Assert.Empty(tenant.Delegations());
        Assert.Empty(tenant.Unknown());
        Assert.Empty(tenant.Findings());
    }

    [Fact]
    public void Rule13_A_translated_name_that_no_source_gives_leaves_a_doubt()
    {
        using var tenant = Tenant(Row(@"NT-MYNDIGHET\\SJÄLV"));
        Assert.Empty(tenant.Delegations());
        Assert.Equal([@"UnresolvedTrustee NT-MYNDIGHET\SJÄLV"], tenant.Unknown());
    }

    [Fact]
    public void A_deny_of_an_account_takes_away_what_a_group_gives()
    {
        using var tenant = Tenant($"{Row(@"CORP\\Kasse")},{Row(@"CORP\\gmüller", deny: "True")}");
        tenant.Give("members", tenant.Parse("""[{"Guid":"0f000000-2222-4000-8000-cccccccc0026","RecipientTypeDetails":"UserMailbox"},{"Guid":"0f000000-2222-4000-8000-cccccccc0027","RecipientTypeDetails":"User"}]"""));
        Assert.Equal(["ogruber@corp.tailspindemo.example"], tenant.Delegations().Select(text => text.Split(' ')[0]));
        Assert.Empty(tenant.Unknown());
    }

    [Fact]
    public void What_on_premises_Exchange_does_not_have_is_no_missing_role()
    {
        using var tenant = Tenant(Row(@"CORP\\gmüller"));
        var read = tenant.Read("-Right FullAccess, SendAs");
        Assert.StartsWith("unsupported: The command Get-RecipientPermission is not there: on-premises", tenant.Exchange.Read("sendAs"), StringComparison.Ordinal);
        Assert.StartsWith("unsupported: The command Get-Mailbox has no parameter -SoftDeletedMailbox: on-premises", tenant.Exchange.Read("softDeleted"), StringComparison.Ordinal);
        Assert.Contains("SendAs", Assert.Single(read.Warnings), StringComparison.Ordinal);
        Assert.Equal("complete", tenant.Exchange.Read("recipients"));
        Assert.Equal(("Tailspin", "0f000000-2222-4000-8000-cccccccc0001"), (tenant.Exchange.AllLines().First().GetProperty("tenant").Text("name"), tenant.Exchange.AllLines().First().GetProperty("tenant").Text("id")));
    }

    [Fact]
    public void SendOnBehalf_names_people_by_their_path()
    {
        using var tenant = Tenant(Self);
        Assert.Equal([$"{Gretchen} SendOnBehalf {Gretchen}"], tenant.Delegations("SendOnBehalf"));
    }

    private static SampleTenant Tenant(string rows)
    {
        var tenant = new SampleTenant(SampleShape.Json);
        OnPremises.Make(tenant);
        tenant.Give("permissions", tenant.Parse($"[{Self},{rows}]"));
        return tenant;
    }

    private static string Row(string user, string deny = "False", string? sid = null) =>
        $$"""{"Identity":"corp.tailspindemo.example/Users/Buchhaltung","User":"{{user}}",{{(sid is null ? "" : $"\"UserSid\":\"{sid}\",")}}"AccessRights":["FullAccess"],"IsInherited":false,"Deny":"{{deny}}","InheritanceType":"All"}""";
}
