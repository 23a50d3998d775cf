using System.Management.Automation;

namespace ModuleTests.Exchange;

/// <summary>Every sample object of (exo 8), read by the cmdlets under StrictMode, in each shape that it may arrive in. docs/assurance.md lists them.</summary>
public sealed class SampleTests
{
    private const string Ivo = "ivo.brandt@tailspindemo.example";
    private const string Greta = "Greta.Olsen@tailspindemo.example";
    private const string GretaKey = "8e2f3ca1-2222-4e44-8f04-cccccccc0003";
    private const string FinanceTeam = "e5c4f901-0000-4d44-9f04-aaaaaaaa0101";

    public static TheoryData<SampleShape> Shapes => new(Enum.GetValues<SampleShape>());

    [Theory, MemberData(nameof(Shapes))]
    public void Sample01_A_mailbox_whose_name_is_a_GUID_and_SendOnBehalf_by_GUID_and_by_name(SampleShape shape)
    {
        using var tenant = new SampleTenant(shape);
        Assert.Equal([$"{Greta} SendOnBehalf {Greta}", $"{Ivo} SendOnBehalf {Ivo}"], tenant.Delegations("SendOnBehalf").Order(StringComparer.Ordinal));
        var line = Assert.Single(tenant.Lines("mailbox"));
        Assert.Equal((SampleTenant.AccountsPayable, "b2f1c6de-0000-4a11-9c01-aaaaaaaa0001"), (line.Text("key"), line.Text("directoryId")));
        Assert.Equal(
            ["SMTP:accounts.payable@tailspindemo.example", "smtp:ap@tailspindemo.example", "smtp:accounts.payable@tailspindemo.onmicrosoft.example"], line.Texts("addresses")!);
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Sample02_A_user_mailbox_with_capitals_and_a_UPN_of_its_own(SampleShape shape)
    {
        using var tenant = new SampleTenant(shape);
        tenant.Give("mailboxes", tenant.Rows(2));
        tenant.Read("-RecipientTypeDetails UserMailbox");
        var line = Assert.Single(tenant.Lines("mailbox"));
        Assert.Equal((Greta, "golsen@tailspindemo.example", "Gréta Olsen-Müller", "True"), (line.Text("primary"), line.Text("upn"), line.Text("displayName"), line.Text("dirSynced")));
        Assert.Equal(["SMTP:Greta.Olsen@tailspindemo.example", "smtp:golsen@tailspindemo.example"], line.Texts("addresses")!);
        Assert.Empty(line.Texts("sendOnBehalf")!);
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Sample03_A_minimum_row_of_Get_EXOMailbox_leaves_SendOnBehalf_open(SampleShape shape)
    {
        using var tenant = new SampleTenant(shape);
        tenant.Exchange.Session["piped"] = tenant.Rows(3);
        tenant.Exchange.Session.RunWell("$calls.Clear(); $null = $piped | Export-MailboxDelegation -Path $path -RecipientTypeDetails UserMailbox");
        Assert.Null(Assert.Single(tenant.Lines("mailbox")).Texts("sendOnBehalf"));
        Assert.DoesNotContain(tenant.Exchange.Calls, call => call.StartsWith("Get-Mailbox ", StringComparison.Ordinal));
        // What the row does not tell is asked for when it matters.
        tenant.Give("mailboxes", tenant.Rows(3));
        tenant.Exchange.Session.RunWell("$null = $piped | Export-MailboxDelegation -Path $path -RecipientTypeDetails UserMailbox -Right SendOnBehalf");
        Assert.Contains("Get-Mailbox 9f304db2-2222-4f55-9005-cccccccc0002", tenant.Exchange.Calls);
        Assert.Equal(["ReadIncomplete sendOnBehalf"], tenant.Unknown());
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Sample04_The_discovery_mailbox_has_an_empty_directory_id_and_is_no_shared_mailbox(SampleShape shape)
    {
        using var tenant = new SampleTenant(shape);
        tenant.Give("mailboxes", [.. tenant.Rows(1), .. tenant.Rows(4)]);
        tenant.Read();
        Assert.Equal(SampleTenant.AccountsPayable, Assert.Single(tenant.Lines("mailbox")).Text("key"));
        tenant.Read("-RecipientTypeDetails DiscoveryMailbox");
        var line = Assert.Single(tenant.Lines("mailbox"));
        Assert.Equal((null, null), (line.Text("directoryId"), line.Text("guid")));
        Assert.Contains("Get-MailboxPermission DiscoverySearchMailbox{D919BA05-46A6-415f-80AD-7E09334BB852}@tailspindemo.onmicrosoft.example", tenant.Exchange.Calls);
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Sample05_An_inactive_mailbox_is_told_apart_by_GUID_from_whoever_has_its_address_now(SampleShape shape)
    {
        using var tenant = new SampleTenant(shape);
        tenant.Give("softDeleted", tenant.Rows(5));
        tenant.Give("permissions", [.. tenant.Rows(6), Without(tenant.Rows(8)[0], "UserSid")]);
        Assert.Equal([$"{Ivo} FullAccess {Ivo}"], tenant.Delegations());
        Assert.Equal("complete", tenant.Exchange.Read("softDeleted"));
        var gone = Assert.Single(tenant.Lines("mailbox"), line => line.Text("softDeleted") == "True");
        Assert.Equal("a0415ec3-2222-4066-9106-cccccccc0005", gone.Text("key"));
        Assert.Empty(tenant.Unknown());
        Assert.DoesNotContain(tenant.Exchange.Calls, call => call == "Get-MailboxPermission a0415ec3-2222-4066-9106-cccccccc0005");
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Sample06_SELF_is_nobody_and_its_one_element_holds_two_rights(SampleShape shape)
    {
        using var tenant = new SampleTenant(shape);
        Assert.Empty(tenant.Delegations());
        Assert.Equal(["FullAccess", "ReadPermission"], Assert.Single(tenant.Lines("permission")).Texts("rights")!);
        Assert.Empty(tenant.Unknown());
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Sample07_A_second_row_of_SELF_is_kept_and_means_nobody_too(SampleShape shape)
    {
        using var tenant = new SampleTenant(shape);
        tenant.Give("permissions", [.. tenant.Rows(6), .. tenant.Rows(7)]);
        Assert.Empty(tenant.Delegations());
        Assert.Equal(2, tenant.Lines("permission").Length);
        Assert.Empty(tenant.Findings());
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Sample08_A_UPN_with_capitals_beside_a_SID_is_the_person(SampleShape shape)
    {
        using var tenant = new SampleTenant(shape);
        tenant.Give("permissions", [.. tenant.Rows(6), .. tenant.Rows(8)]);
        Assert.Equal([$"{Ivo} FullAccess {Ivo}"], tenant.Delegations());
        Assert.Empty(tenant.Findings());
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Sample09_Booleans_as_text_and_a_bare_right_give_the_same(SampleShape shape)
    {
        using var tenant = new SampleTenant(shape);
        tenant.Give("permissions", [.. tenant.Rows(6), .. tenant.Rows(9)]);
        Assert.Equal([$"{Greta} FullAccess {Greta}"], tenant.Delegations());
        var line = tenant.Lines("permission")[^1];
        Assert.Equal(("False", "False"), (line.Text("deny"), line.Text("inherited")));
        Assert.Empty(tenant.Unknown());
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Sample10_A_deny_that_arrives_as_a_switch_denies(SampleShape shape)
    {
        using var tenant = new SampleTenant(shape);
        var allow = tenant.Rows(10)[0];
        allow.Properties["Deny"].Value = false;
        tenant.Give("permissions", [.. tenant.Rows(6), allow]);
        Assert.Equal(["temp.worker@tailspindemo.example FullAccess temp.worker@tailspindemo.example"], tenant.Delegations());
        tenant.Give("permissions", [.. tenant.Rows(6), allow, .. tenant.Rows(10)]);
        Assert.Empty(tenant.Delegations());
        Assert.Empty(tenant.Unknown());
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Sample11_Two_groups_of_one_name_are_told_apart_by_SID(SampleShape shape)
    {
        using var tenant = new SampleTenant(shape);
        tenant.Give("permissions", [.. tenant.Rows(6), .. tenant.Rows(11)]);
        Assert.Equal([$"{Greta} FullAccess Finance Team > {Greta}"], tenant.Delegations());
        Assert.Equal(["OtherRight Finance Team"], tenant.Findings());
        // Without SIDs nobody can tell.
        tenant.Give("permissions", [.. tenant.Rows(6), Without(tenant.Rows(11)[0], "UserSid")]);
        Assert.Empty(tenant.Delegations());
        Assert.Equal(["AmbiguousTrustee Finance Team"], tenant.Unknown());
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Sample12_An_orphan_is_asked_for_and_is_a_finding(SampleShape shape)
    {
        using var tenant = new SampleTenant(shape);
        tenant.Give("permissions", [.. tenant.Rows(6), .. tenant.Rows(12)]);
        Assert.Empty(tenant.Delegations());
        Assert.Equal([$"OrphanedTrustee {SampleTenant.Sid}31337"], tenant.Findings());
        Assert.Empty(tenant.Unknown());
        Assert.Equal("True", tenant.Texts("$switches['IncludeUnresolvedPermissions']")[0]);
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Sample13_A_role_group_is_expanded_by_its_own_command(SampleShape shape)
    {
        using var tenant = new SampleTenant(shape);
        tenant.Give("mailboxes", tenant.Rows(4));
        tenant.Give("permissions", [.. tenant.Rows(6), .. tenant.Rows(13)]);
        Assert.Equal([$"{Greta} FullAccess Discovery Management > {Greta}"], tenant.Delegations("FullAccess", "-RecipientTypeDetails DiscoveryMailbox"));
        Assert.Contains("Get-RoleGroupMember 0f000000-2222-4000-8000-cccccccc1272", tenant.Exchange.Calls);
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Sample14_Inherited_rows_of_the_service_give_and_deny_nobody(SampleShape shape)
    {
        using var tenant = new SampleTenant(shape);
        tenant.Give("permissions", [.. tenant.Rows(6), .. tenant.Rows(14), .. tenant.Rows(8)]);
        Assert.Equal([$"{Ivo} FullAccess {Ivo}"], tenant.Delegations());
        Assert.Empty(tenant.Unknown());
        // Asked for, a deny of a group that nobody can look into leaves a doubt.
        Assert.Equal([$"{Ivo} FullAccess {Ivo}"], tenant.Texts("Get-MailboxDelegation -Snapshot $path -IncludeInherited | ForEach-Object { \"$($_.DelegateAddress) $($_.Right) $($_.Trail -join ' > ')\" }"));
        Assert.Contains(@"DenyNotExpanded EURPR99A001\Organization Management", tenant.Texts("Get-MailboxDelegation -Snapshot $path -IncludeInherited -Unknown | ForEach-Object { foreach ($reason in $_.Reason) { \"$($reason.Code) $($reason.Subject)\" } }"));
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Sample15_A_guest_is_a_person(SampleShape shape)
    {
        using var tenant = new SampleTenant(shape);
        tenant.Give("permissions", [.. tenant.Rows(6), .. tenant.Rows(15)]);
        Assert.Equal(["lena.roth@partner.example FullAccess lena.roth@partner.example"], tenant.Delegations());
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Sample16_The_token_SendAs_in_a_mailbox_row_is_no_SendAs(SampleShape shape)
    {
        using var tenant = new SampleTenant(shape);
        var person = tenant.Rows(8)[0];
        person.Properties["AccessRights"].Value = new[] { "FullAccess, SendAs, ReadPermission" };
        tenant.Give("permissions", [.. tenant.Rows(16), person]);
        Assert.Equal([$"{Ivo} FullAccess {Ivo}"], tenant.Delegations("FullAccess, SendAs"));
        Assert.Equal(["FullAccess", "SendAs", "ReadPermission"], tenant.Lines("permission")[0].Texts("rights")!);
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Sample17_A_row_of_Get_EXOMailboxPermission_has_no_SID_and_its_raw_entity_is_refused(SampleShape shape)
    {
        using var tenant = new SampleTenant(shape);
        var sample = tenant.Rows(17)[0];
        tenant.Give("permissions", [.. tenant.Rows(6), (PSObject)sample.Properties["row"].Value]);
        Assert.Equal(["mailbox.delegate@tailspindemo.example FullAccess mailbox.delegate@tailspindemo.example"], tenant.Delegations());
        Assert.Null(tenant.Lines("permission")[^1].Text("sid"));
        tenant.Exchange.Session["entity"] = sample.Properties["entity"].Value;
        var error = tenant.Exchange.Session.Run("Import-MailboxDelegation -Mailbox $mailboxes -Permission $entity").Error;
        Assert.StartsWith("RowUnusable", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("has no Identity", error.Exception.Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Sample18_SendAs_rows_of_the_mailbox_of_a_person_of_nobody_and_of_a_group(SampleShape shape)
    {
        using var tenant = new SampleTenant(shape);
        tenant.Give("mailboxes", [.. tenant.Rows(1), .. tenant.Rows(2)]);
        // A group that is listed and no mailbox: its row is read and left out.
        tenant.Give("recipients", [.. (PSObject[])tenant.Exchange.Session["recipients"]!, .. tenant.Parse("""{"Identity":"All Hands20260102","Name":"All Hands20260102","Guid":"0f000000-2222-4000-8000-cccccccc0018","RecipientTypeDetails":"MailUniversalDistributionGroup"}""")]);
        tenant.Give("sendAs", tenant.Rows(18));
        Assert.Equal([$"{Ivo} SendAs {Ivo}"], tenant.Delegations("SendAs", "-RecipientTypeDetails SharedMailbox, UserMailbox"));
        Assert.Equal([SampleTenant.AccountsPayable, SampleTenant.AccountsPayable, GretaKey], tenant.Lines("recipientPermission").Select(line => line.Text("mailbox")));
        Assert.Equal([$"OrphanedTrustee {SampleTenant.Sid}31338"], tenant.Findings());
        Assert.Empty(tenant.Unknown());
        Assert.Equal("complete", tenant.Exchange.Read("sendAs"));
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Sample19_A_SendAs_row_without_Identity_fails_the_part_and_a_deny_denies(SampleShape shape)
    {
        using var tenant = new SampleTenant(shape);
        tenant.Give("sendAs", [.. tenant.Rows(18), tenant.Rows(19)[0]]);
        Assert.Empty(tenant.Delegations("SendAs"));
        Assert.Equal("failed: A row of Get-RecipientPermission has no Identity.", tenant.Exchange.Read("sendAs"));
        var allow = tenant.Rows(19)[1];
        allow.Properties["AccessControlType"].Value = "Allow";
        tenant.Give("mailboxes", tenant.Rows(2));
        tenant.Give("sendAs", [allow]);
        Assert.Equal(["temp.worker@tailspindemo.example SendAs temp.worker@tailspindemo.example"], tenant.Delegations("SendAs", "-RecipientTypeDetails UserMailbox"));
        tenant.Give("sendAs", [allow, tenant.Rows(19)[1]]);
        Assert.Empty(tenant.Delegations("SendAs", "-RecipientTypeDetails UserMailbox"));
        Assert.Empty(tenant.Unknown());
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Sample20_A_display_name_without_SID_is_the_only_person_of_that_name(SampleShape shape)
    {
        using var tenant = new SampleTenant(shape);
        tenant.Give("sendAs", tenant.Rows(20));
        Assert.Equal([$"{Ivo} SendAs {Ivo}"], tenant.Delegations("SendAs"));
        tenant.Give("people", [.. tenant.Parse("""[{"Identity":"Ivo Brandt 2","Guid":"0f000000-2222-4000-8000-cccccccc0020","DisplayName":"Ivo Brandt","RecipientTypeDetails":"UserMailbox"}]""")]);
        Assert.Empty(tenant.Delegations("SendAs"));
        Assert.Equal(["AmbiguousTrustee Ivo Brandt"], tenant.Unknown());
    }

    [Theory]
    [InlineData("Finance Team", "MailUniversalSecurityGroup", true, "")]
    [InlineData("Project Atlas", "GroupMailbox", false, "GroupWithoutRights Project Atlas")]
    [InlineData("All Berlin", "DynamicDistributionGroup", false, "GroupWithoutRights All Berlin")]
    [InlineData("lena.roth@partner.example", "GuestMailUser", true, "")]
    [InlineData("onprem@tailspindemo.example", "MailUser", true, "")]
    [InlineData("desk@supplier.example", "MailContact", false, "DelegateNotPerson desk@supplier.example")]
    public void Sample21_Each_kind_of_recipient_is_what_it_is(string trustee, string type, bool delegates, string finding)
    {
        foreach (var shape in Enum.GetValues<SampleShape>())
        {
            using var tenant = new SampleTenant(shape);
            tenant.Give("groups", [tenant.Rows(24)[1]]);
            var row = Without(tenant.Rows(8)[0], "UserSid");
            row.Properties["User"].Value = trustee;
            tenant.Give("permissions", [.. tenant.Rows(6), row]);
            Assert.Equal(delegates, tenant.Delegations().Length == 1);
            Assert.Equal(finding.Length == 0 ? [] : new[] { finding }, tenant.Findings());
            Assert.Contains(tenant.Lines("recipient"), line => line.Text("type") == type);
            Assert.Empty(tenant.Unknown());
            // With all groups expanded, the two that carry no permission are mapped as well.
            var all = tenant.Delegations("FullAccess", "-ExpandGroup All").Length;
            Assert.Equal(type is "MailContact" ? 0 : 1, tenant.Texts("Get-MailboxDelegation -Snapshot $path -ExpandGroup All").Length);
            Assert.True(all <= 1);
        }
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Sample22_Members_of_every_kind_a_loop_and_a_group_that_nobody_can_list(SampleShape shape)
    {
        using var tenant = new SampleTenant(shape);
        tenant.Give("permissions", [.. tenant.Rows(6), tenant.Rows(11)[0]]);
        tenant.Give("mixed", tenant.Rows(22));
        tenant.Exchange.Define("Get-DistributionGroupMember", $"if ($asked -eq '{FinanceTeam}') {{ $mixed }} else {{ $members; $mixed[2] }}");
        var delegations = tenant.Delegations().Order(StringComparer.Ordinal);
        Assert.Equal(
            [$"{Greta} FullAccess Finance Team > Finance Leads > {Greta}", $"{Ivo} FullAccess Finance Team > {Ivo}", "kiosk@tailspindemo.example FullAccess Finance Team > kiosk@tailspindemo.example"], delegations);
        Assert.Equal(["GroupNotExpanded Legacy Admins"], tenant.Unknown());
        Assert.StartsWith("unsupported", tenant.Exchange.Read("group:e4859207-2222-44aa-950a-cccccccc0203"), StringComparison.Ordinal);
        Assert.Equal(2, tenant.Exchange.Calls.Count(call => call.StartsWith("Get-DistributionGroupMember", StringComparison.Ordinal)));
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Sample23_A_single_member_that_arrives_without_a_list(SampleShape shape)
    {
        using var tenant = new SampleTenant(shape);
        var row = Without(tenant.Rows(8)[0], "UserSid");
        row.Properties["User"].Value = "Project Atlas";
        tenant.Give("permissions", [.. tenant.Rows(6), row]);
        tenant.Exchange.Session["one"] = tenant.Rows(23)[0];
        tenant.Exchange.Define("Get-UnifiedGroupLinks", "if ($LinkType -eq 'Members') { $one }");
        tenant.Delegations("FullAccess", "-ExpandGroup All");
        Assert.Equal([Greta], tenant.Texts("Get-MailboxDelegation -Snapshot $path -ExpandGroup All | ForEach-Object DelegateAddress"));
        Assert.Equal(GretaKey, Assert.Single(tenant.Lines("member")).Text("member"));
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Sample24_An_earlier_SID_is_still_the_person(SampleShape shape)
    {
        using var tenant = new SampleTenant(shape);
        var row = tenant.Rows(9)[0];
        row.Properties["User"].Value = row.Properties["UserSid"].Value = "S-1-5-21-3777777777-888888888-999999999-2201";
        tenant.Give("permissions", [.. tenant.Rows(6), row]);
        Assert.Equal([$"{Greta} FullAccess {Greta}"], tenant.Delegations());
        Assert.Equal(1, tenant.Exchange.Calls.Count(call => call == "Get-User"));
        Assert.Equal(1, tenant.Exchange.Calls.Count(call => call == "Get-Group"));
        Assert.Equal($"{SampleTenant.Sid}20001", Assert.Single(tenant.Lines("recipient"), line => line.Text("key") == FinanceTeam).Text("sid"));
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Sample25_On_premises_rows_name_accounts_and_a_translated_SELF(SampleShape shape)
    {
        using var tenant = new SampleTenant(shape);
        OnPremises.Make(tenant);
        tenant.Give("permissions", tenant.Rows(25));
        Assert.Equal(["gretchen.mueller@tailspindemo.example FullAccess gretchen.mueller@tailspindemo.example"], tenant.Delegations());
        Assert.Empty(tenant.Unknown());
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Sample26_The_value_of_a_raw_answer_is_rows_its_side_members_are_ignored_and_the_envelope_is_refused(SampleShape shape)
    {
        using var tenant = new SampleTenant(shape);
        tenant.Exchange.Session["envelope"] = tenant.Rows(26)[0];
        var row = tenant.Rows(8)[0];
        row.Properties["Identity"].Value = GretaKey;
        tenant.Exchange.Session["row"] = row;
        Assert.Equal([$"{Ivo} on Greta.Olsen@tailspindemo.example"], tenant.Texts("Import-MailboxDelegation -Mailbox $envelope.value -Permission $row -Recipient ($people + $recipients) | Get-MailboxDelegation | ForEach-Object { \"$($_.DelegateAddress) on $($_.MailboxAddress)\" }"));
        Assert.StartsWith("RowUnusable", tenant.Exchange.Session.Run("Import-MailboxDelegation -Mailbox $envelope -Permission $row").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Sample27_A_list_as_value_and_Count_is_a_list(SampleShape shape)
    {
        using var tenant = new SampleTenant(shape);
        tenant.Give("permissions", [.. tenant.Rows(6), .. tenant.Rows(27)]);
        Assert.Equal([$"{Greta} FullAccess {Greta}"], tenant.Delegations());
        Assert.Equal(["FullAccess"], tenant.Lines("permission")[^1].Texts("rights")!);
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Sample28_An_app_that_no_list_shows_leaves_a_doubt(SampleShape shape)
    {
        using var tenant = new SampleTenant(shape);
        tenant.Give("permissions", [.. tenant.Rows(6), .. tenant.Rows(28), .. tenant.Rows(8)]);
        Assert.Equal([$"{Ivo} FullAccess {Ivo}"], tenant.Delegations());
        Assert.Equal(["UnresolvedTrustee 6d4c7189-0000-45cc-a70c-aaaaaaaa0301"], tenant.Unknown());
    }

    private static PSObject Without(PSObject row, string property)
    {
        row.Properties.Remove(property);
        return row;
    }
}
