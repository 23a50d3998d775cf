using System.Management.Automation;

namespace ModuleTests.Exchange;

/// <summary>On-premises Exchange (exo 8.25): accounts, translated names, denies, and what it does not have.</summary>
public sealed class OnPremisesTests
{
    private const string Gretchen = "gretchen.mueller@tailspindemo.example";
    private const string Otto = "ogruber@corp.tailspindemo.example";
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
        Assert.StartsWith("denied: The command Get-ADPermission is not there: the account has no role", tenant.Exchange.Read("sendAs"), StringComparison.Ordinal);
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

    [Theory]
    [InlineData("")]
    [InlineData(@",{""User"":""CORP\\gmüller"",""Deny"":""True"",""IsInherited"":false,""AccessRights"":[""ExtendedRight""],""ExtendedRights"":[""Send-As""],""InheritanceType"":""None""}")]
    public void SendAs_is_the_extended_right_of_the_account(string deny)
    {
        using var tenant = Tenant(Self);
        AdPermission(tenant, $$"""
            {"User":"CORP\\Kasse","Deny":"False","IsInherited":false,"AccessRights":["ExtendedRight"],"ExtendedRights":["Send-As"],"InheritanceType":"All"},
            {"User":"NT-AUTORITÄT\\SELBST","Deny":"False","IsInherited":false,"AccessRights":["ExtendedRight"],"ExtendedRights":["Send-As"],"InheritanceType":"All"},
            {"User":"CORP\\nobody1","Deny":"False","IsInherited":false,"AccessRights":["ExtendedRight"],"ExtendedRights":["Receive-As"],"InheritanceType":"All"},
            {"User":"CORP\\nobody2","Deny":"False","IsInherited":false,"AccessRights":["ExtendedRight"],"ExtendedRights":["Send-As"],"InheritanceType":"Descendents"},
            {"User":"CORP\\Domain Admins","Deny":"False","IsInherited":false,"AccessRights":["GenericAll"],"InheritanceType":"All"}{{deny}}
            """);
        tenant.Give("members", tenant.Parse("""[{"Guid":"0f000000-2222-4000-8000-cccccccc0026","RecipientTypeDetails":"UserMailbox"},{"Guid":"0f000000-2222-4000-8000-cccccccc0027","RecipientTypeDetails":"User"}]"""));
        string[] both = [$"{Gretchen} SendAs Kasse > {Gretchen}", $"{Otto} SendAs Kasse > {Otto}"];
        Assert.Equal(deny.Length == 0 ? both : both[1..], tenant.Delegations("SendAs").Order(StringComparer.Ordinal));
        Assert.Empty(tenant.Unknown());
        Assert.Equal(("complete", "complete"), (tenant.Exchange.Read("sendAs"), tenant.Exchange.Read("sendAs:" + OnPremises.Buchhaltung)));
        Assert.Contains("Get-ADPermission " + OnPremises.Buchhaltung, tenant.Exchange.Calls);
    }

    [Fact]
    public void SendAs_rows_that_do_not_tell_whether_they_deny_leave_a_doubt_and_none_is_no_answer()
    {
        using var tenant = Tenant(Self);
        AdPermission(tenant, """{"User":"CORP\\gmüller","IsInherited":false,"AccessRights":["ExtendedRight"],"ExtendedRights":["Send-As"]}""");
        Assert.Empty(tenant.Delegations("SendAs"));
        Assert.Equal(["DenyMissing " + Gretchen], tenant.Unknown());
        AdPermission(tenant, "");
        Assert.Empty(tenant.Delegations("SendAs"));
        Assert.Equal(["ReadIncomplete sendAs"], tenant.Unknown());
    }

    [Fact]
    public void SendAs_of_one_mailbox_that_fails_leaves_the_others_known()
    {
        using var tenant = Tenant(Self);
        tenant.Give("mailboxes", [.. (PSObject[])tenant.Exchange.Session["mailboxes"]!, .. tenant.Parse("""
            {"Identity":"corp.tailspindemo.example/Users/Lager","Name":"Lager","Guid":"b0000000-2222-4000-8000-cccccccc0029","DisplayName":"Lager","PrimarySmtpAddress":"lager@tailspindemo.example","EmailAddresses":["SMTP:lager@tailspindemo.example"],"RecipientTypeDetails":"SharedMailbox","GrantSendOnBehalfTo":[]}
            """)]);
        AdPermission(tenant, """{"User":"CORP\\gmüller","Deny":"False","IsInherited":false,"ExtendedRights":["Send-As"]}""", $"if ($asked -eq '{OnPremises.Buchhaltung}') {{ throw 'The domain controller is not there.' }}");
        Assert.Equal([$"{Gretchen} SendAs {Gretchen}"], tenant.Delegations("SendAs"));
        Assert.Equal(["buchhaltung@tailspindemo.example"], tenant.Texts("Get-MailboxDelegation -Snapshot $path -Unknown | ForEach-Object MailboxAddress"));
    }

    [Theory]
    [InlineData("\"corp.tailspindemo.example/Users/Gretchen Müller\",\"corp.tailspindemo.example/Users/Otto Gruber\"", 2)]
    [InlineData("\"corp.tailspindemo.example/Users/Otto Gruber\"", 1)]
    [InlineData("", 0)]
    public void A_group_that_only_Get_Group_knows_has_the_members_that_it_lists(string members, int people)
    {
        using var tenant = Tenant(Row(@"CORP\\Tresor"));
        Tresor(tenant, $",\"Members\":[{members}]");
        Assert.Equal(people, tenant.Delegations().Length);
        Assert.Empty(tenant.Unknown());
    }

    [Theory]
    [InlineData("")]
    [InlineData(",\"Members\":[\"corp.tailspindemo.example/Users/Otto Gruber\",\"corp.tailspindemo.example/Users/Somebody\"]")]
    public void A_group_that_does_not_tell_its_members_or_names_a_stranger_leaves_a_doubt(string members)
    {
        using var tenant = Tenant(Row(@"CORP\\Tresor"));
        Tresor(tenant, members);
        tenant.Read();
        Assert.Equal(["GroupNotExpanded Tresor"], tenant.Unknown());
    }

    /// <summary>A security group without mail.</summary>
    private static void Tresor(SampleTenant tenant, string members)
    {
        tenant.Give("groups", tenant.Parse($$"""
            {"Identity":"corp.tailspindemo.example/Groups/Tresor","Guid":"0f000000-2222-4000-8000-cccccccc0030","SamAccountName":"Tresor","DisplayName":"Tresor","Sid":"S-1-5-21-7-7-7-2030","RecipientTypeDetails":"UniversalSecurityGroup"{{members}}}
            """));
    }

    private static void AdPermission(SampleTenant tenant, string rows, string first = "")
    {
        tenant.Give("directory", tenant.Parse($"[{rows}]"));
        tenant.Exchange.Define("Get-ADPermission", first + " $directory", "$Identity");
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
