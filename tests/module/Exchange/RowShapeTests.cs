using System.Text.Json;

namespace ModuleTests.Exchange;

/// <summary>The shapes that rows of Exchange arrive in (exo 1, 8), and the lines that they must become.</summary>
public class RowShapeTests
{
    [Fact]
    public void Rule1_Lines_have_the_member_names_of_the_snapshot()
    {
        using var exchange = new ExchangeFunctions();
        var line = Assert.Single(exchange.Lines("mailbox"));
        Assert.Equal(
            $$"""{"kind":"mailbox","key":"{{ExchangeFunctions.MailboxGuid}}","guid":"{{ExchangeFunctions.MailboxGuid}}","directoryId":"{{ExchangeFunctions.DirectoryId}}","name":"Accounts","displayName":"Accounts Payable","alias":"accounts","upn":"accounts@corp.example","primary":"Accounts@corp.example","addresses":["SMTP:Accounts@corp.example","smtp:ap@corp.example"],"type":"SharedMailbox","sendOnBehalf":[],"hidden":false,"dirSynced":false}""",
            line.GetRawText());
    }

    [Fact]
    public void Rule1_A_row_that_tells_little_makes_a_line_that_invents_nothing()
    {
        var bare = $"[pscustomobject]@{{ Guid = '{ExchangeFunctions.MailboxGuid}'; EmailAddresses = @('SMTP:a@corp.example'); ExternalDirectoryObjectId = ''; RecipientTypeDetails = 'SharedMailbox' }}";
        using var exchange = new ExchangeFunctions(bare);
        var line = Assert.Single(exchange.Lines("mailbox"));
        Assert.Equal(["kind", "key", "guid", "primary", "addresses", "type"], line.EnumerateObject().Select(member => member.Name));
    }

    [Theory]
    [InlineData("$true", "True")]
    [InlineData("$false", "False")]
    [InlineData("'True'", "True")]
    [InlineData("'false'", "False")]
    [InlineData("[switch]$true", "True")]
    [InlineData("[pscustomobject]@{ IsPresent = $true }", "True")]
    [InlineData("[pscustomobject]@{ IsPresent = 'False' }", "False")]
    [InlineData("[Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize([switch]$true))", "True")]
    [InlineData("[Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize([switch]$false))", "False")]
    [InlineData("$null", null)]
    [InlineData("''", null)]
    [InlineData("'vielleicht'", null)]
    public void Rule7_A_flag_is_read_in_every_shape_and_never_invented(string shape, string? deny)
    {
        using var exchange = new ExchangeFunctions(permissions: $"[pscustomobject]@{{ User = 'x'; AccessRights = 'FullAccess'; Deny = {shape} }}");
        var line = Assert.Single(exchange.Lines("permission"));
        Assert.Equal(deny, line.Text("deny"));
        Assert.Null(line.Text("inherited"));
    }

    [Theory]
    [InlineData("'FullAccess'", "FullAccess")]
    [InlineData("'FullAccess, ReadPermission'", "FullAccess|ReadPermission")]
    [InlineData("@('FullAccess, ExternalAccount', 'ReadPermission')", "FullAccess|ExternalAccount|ReadPermission")]
    [InlineData("[Collections.ArrayList]@('FullAccess,ReadPermission')", "FullAccess|ReadPermission")]
    [InlineData("[pscustomobject]@{ value = @('FullAccess'); Count = 1 }", "FullAccess")]
    [InlineData("[pscustomobject]@{ value = 'FullAccess, SendAs'; Count = 1 }", "FullAccess|SendAs")]
    [InlineData("[Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize([Collections.ArrayList]@('FullAccess, ReadPermission')))", "FullAccess|ReadPermission")]
    public void Rights_are_one_an_element_in_every_shape(string shape, string rights)
    {
        using var exchange = new ExchangeFunctions(permissions: $"[pscustomobject]@{{ User = 'x'; AccessRights = {shape}; Deny = $false }}");
        Assert.Equal(rights.Split('|'), Assert.Single(exchange.Lines("permission")).Texts("rights"));
    }

    [Theory]
    [InlineData("AccessRights = @()", "has no AccessRights")]
    [InlineData("AccessRights = $null", "has no AccessRights")]
    [InlineData("AccessRights = 'System.Collections.ArrayList'", "has no AccessRights")]
    [InlineData("AccessRights = 'System.Object[]'", "has no AccessRights")]
    public void A_row_that_lost_its_rights_is_no_row_that_grants_nothing(string rights, string reason)
    {
        using var exchange = new ExchangeFunctions(permissions: $"[pscustomobject]@{{ User = 'x'; Deny = $false; {rights} }}");
        Assert.Empty(exchange.Export().Errors);
        Assert.Equal($"failed: A row of Get-MailboxPermission {reason}.", exchange.Read("mailbox:" + ExchangeFunctions.MailboxGuid));
    }

    [Fact]
    public void A_row_without_trustee_makes_its_mailbox_fail()
    {
        using var exchange = new ExchangeFunctions(permissions: "[pscustomobject]@{ User = ''; UserSid = 'no sid'; AccessRights = 'FullAccess'; Deny = $false }");
        Assert.Empty(exchange.Export().Errors);
        Assert.Equal("failed: A row of Get-MailboxPermission has no User.", exchange.Read("mailbox:" + ExchangeFunctions.MailboxGuid));
    }

    [Theory]
    [InlineData("[pscustomobject]@{ User = 'Ivo.Brandt@corp.example'; UserSid = 'S-1-5-21-1-2-3-4'; AccessRights = 'FullAccess' }", "Ivo.Brandt@corp.example", "S-1-5-21-1-2-3-4")]
    [InlineData("[pscustomobject]@{ User = 'Finance Team'; UserSid = ''; AccessRights = 'FullAccess' }", "Finance Team", null)]
    [InlineData("[pscustomobject]@{ User = ''; UserSid = 'S-1-5-21-1-2-3-4'; AccessRights = 'FullAccess' }", "S-1-5-21-1-2-3-4", "S-1-5-21-1-2-3-4")]
    [InlineData("@{ User = 'as hashtable'; AccessRights = 'FullAccess' }", "as hashtable", null)]
    public void A_trustee_is_named_as_Exchange_names_it(string row, string trustee, string? sid)
    {
        using var exchange = new ExchangeFunctions(permissions: row);
        var line = Assert.Single(exchange.Lines("permission"));
        Assert.Equal(trustee, line.Text("trustee"));
        Assert.Equal(sid, line.Text("sid"));
    }

    [Fact]
    public void On_premises_the_trustee_is_an_object_with_its_SID_inside()
    {
        const string row = """
            $user = [pscustomobject]@{ SecurityIdentifier = 'S-1-5-21-1-2-3-9' } | ForEach-Object { $_.PSObject.Members.Add([Management.Automation.PSScriptMethod]::new('ToString', { 'CORP\jdoe' })); $_ }
            [pscustomobject]@{ User = $user; AccessRights = 'FullAccess'; Deny = 'False' }
            """;
        using var exchange = new ExchangeFunctions(permissions: row);
        var line = Assert.Single(exchange.Lines("permission"));
        Assert.Equal(@"CORP\jdoe", line.Text("trustee"));
        Assert.Equal("S-1-5-21-1-2-3-9", line.Text("sid"));
    }

    [Theory]
    [InlineData("@('SMTP:A@corp.example', 'smtp:b@corp.example')", "SMTP:A@corp.example|smtp:b@corp.example")]
    [InlineData("@('SMTP:a@corp.example', 'Smtp:B@corp.example', 'SIP:a@corp.example', 'X500:/o=Old, Org/cn=a', 'EUM:4711;phone-context=dial.corp.example', 'SPO:x@y')", "SMTP:a@corp.example|smtp:B@corp.example")]
    [InlineData("'SMTP:a@corp.example'", "SMTP:a@corp.example")]
    [InlineData("'SMTP:a@corp.example, smtp:b@corp.example'", "SMTP:a@corp.example|smtp:b@corp.example")]
    [InlineData("'smtp:b@corp.example X500:/o=Old Org/cn=a b SMTP:a@corp.example'", "smtp:b@corp.example|SMTP:a@corp.example")]
    [InlineData("'SMTP:a@corp.example;smtp:b@corp.example'", "SMTP:a@corp.example|smtp:b@corp.example")]
    [InlineData("[pscustomobject]@{ value = @('SMTP:a@corp.example'); Count = 1 }", "SMTP:a@corp.example")]
    [InlineData("@('a@corp.example')", "smtp:a@corp.example")]
    public void Addresses_are_the_mail_addresses_in_every_shape(string shape, string addresses)
    {
        var mailbox = $"[pscustomobject]@{{ Guid = '{ExchangeFunctions.MailboxGuid}'; RecipientTypeDetails = 'SharedMailbox'; EmailAddresses = {shape} }}";
        using var exchange = new ExchangeFunctions(mailbox);
        Assert.Equal(addresses.Split('|'), Assert.Single(exchange.Lines("mailbox")).Texts("addresses"));
    }

    [Theory]
    [InlineData("[guid]'7D1E2B90-2222-4D33-8E03-CCCCCCCC0001'", "''")]
    [InlineData("'7D1E2B90-2222-4D33-8E03-CCCCCCCC0001'", "$null")]
    [InlineData("'{7d1e2b90-2222-4d33-8e03-cccccccc0001}'", "[guid]::Empty")]
    [InlineData("[guid]::Empty", "'7d1e2b90-2222-4d33-8e03-cccccccc0001'")]
    [InlineData("''", "[guid]'7d1e2b90-2222-4d33-8e03-cccccccc0001'")]
    public void Rule3_The_key_is_the_GUID_in_one_spelling_else_the_directory_id(string shape, string directoryId)
    {
        var mailbox = $"[pscustomobject]@{{ Guid = {shape}; ExternalDirectoryObjectId = {directoryId}; EmailAddresses = @('SMTP:a@corp.example'); RecipientTypeDetails = 'SharedMailbox' }}";
        using var exchange = new ExchangeFunctions(mailbox);
        Assert.Equal(ExchangeFunctions.MailboxGuid, Assert.Single(exchange.Lines("mailbox")).Text("key"));
        Assert.Contains("Get-MailboxPermission " + ExchangeFunctions.MailboxGuid, exchange.Calls);
    }

    [Fact]
    public void Rule3_One_recipient_line_tells_what_all_lists_tell_about_an_object()
    {
        using var exchange = new ExchangeFunctions(
            recipients: $$"""
                {{ExchangeFunctions.Mailbox}}
                [pscustomobject]@{ Guid = 'aaaaaaaa-0000-4000-8000-000000000001'; Identity = 'Greta'; Name = 'Greta'; PrimarySmtpAddress = 'greta@corp.example'; EmailAddresses = @('SMTP:greta@corp.example'); RecipientTypeDetails = 'UserMailbox' }
                [pscustomobject]@{ Guid = 'aaaaaaaa-0000-4000-8000-000000000002'; ExternalDirectoryObjectId = ''; Name = 'Team'; RecipientTypeDetails = 'MailUniversalSecurityGroup' }
                """,
            users: """
                [pscustomobject]@{ Guid = [guid]'AAAAAAAA-0000-4000-8000-000000000001'; UserPrincipalName = 'g@corp.example'; Sid = 'S-1-5-21-1-2-3-10'; SidHistory = @('S-1-5-21-9-9-9-1'); AccountDisabled = $false; RecipientTypeDetails = 'UserMailbox' }
                [pscustomobject]@{ Guid = 'aaaaaaaa-0000-4000-8000-000000000003'; UserPrincipalName = 'kiosk@corp.example'; Sid = 'S-1-5-21-1-2-3-12'; RecipientTypeDetails = 'User' }
                """,
            groups: "[pscustomobject]@{ Identity = 'Team'; Name = 'Team'; Sid = 'S-1-5-21-1-2-3-11'; RecipientTypeDetails = 'MailUniversalSecurityGroup' }");
        var lines = exchange.Lines("recipient").ToDictionary(line => line.Text("key")!);

        Assert.Equal(4, lines.Count);
        Assert.Equal("SharedMailbox", lines[ExchangeFunctions.MailboxGuid].Text("type"));
        Assert.Equal("False", lines[ExchangeFunctions.MailboxGuid].Text("enabled"));
        var greta = lines["aaaaaaaa-0000-4000-8000-000000000001"];
        Assert.Equal(("g@corp.example", "greta@corp.example", "S-1-5-21-1-2-3-10", "True"), (greta.Text("upn"), greta.Text("primary"), greta.Text("sid"), greta.Text("enabled")));
        Assert.Equal(["S-1-5-21-9-9-9-1"], greta.Texts("sidHistory")!);
        Assert.Equal("S-1-5-21-1-2-3-11", lines["aaaaaaaa-0000-4000-8000-000000000002"].Text("sid"));
        Assert.Equal("User", lines["aaaaaaaa-0000-4000-8000-000000000003"].Text("type"));
    }

    [Fact]
    public void Rule4_SendOnBehalf_keeps_its_texts_and_is_absent_where_it_was_not_read()
    {
        const string names = "@('c3a2d7ef-0000-4b22-9d02-aaaaaaaa0002', 'Olsen, Greta')";
        using var exchange = new ExchangeFunctions(ExchangeFunctions.Mailbox.Replace("GrantSendOnBehalfTo = @()", "GrantSendOnBehalfTo = " + names, StringComparison.Ordinal));
        Assert.Equal(["c3a2d7ef-0000-4b22-9d02-aaaaaaaa0002", "Olsen, Greta"], Assert.Single(exchange.Lines("mailbox")).Texts("sendOnBehalf")!);

        exchange.Define("Get-Mailbox", ExchangeFunctions.Mailbox.Replace("GrantSendOnBehalfTo = @()", "Other = 1", StringComparison.Ordinal));
        Assert.Null(Assert.Single(exchange.Lines("mailbox")).Texts("sendOnBehalf"));
    }

    [Theory]
    [InlineData("RecipientTypeDetails = 'UserMailbox'; AccountDisabled = $false", "UserMailbox", "True")]
    [InlineData("RecipientTypeDetails = 'UserMailbox'; AccountDisabled = 'True'", "UserMailbox", "False")]
    [InlineData("RecipientTypeDetails = 'UserMailbox'", "UserMailbox", null)]
    [InlineData("RecipientTypeDetails = 'User'; UserAccountControl = 'AccountDisabled, NormalAccount'", "User", "False")]
    [InlineData("RecipientTypeDetails = 'User'; UserAccountControl = 'NormalAccount'", "User", "True")]
    [InlineData("RecipientTypeDetails = 'User'; UserAccountControl = 514", "User", "False")]
    [InlineData("RecipientTypeDetails = 'User'; UserAccountControl = 512", "User", "True")]
    [InlineData("RecipientTypeDetails = 'DisabledUser'", "User", "False")]
    [InlineData("RecipientTypeDetails = 'LinkedMailbox'; AccountDisabled = $true", "LinkedMailbox", null)]
    public void Rule8_Enabled_is_what_a_row_tells_of_the_persons_own_account(string members, string type, string? enabled)
    {
        using var exchange = new ExchangeFunctions(users: $"[pscustomobject]@{{ Guid = 'aaaaaaaa-0000-4000-8000-000000000001'; {members} }}");
        var line = Assert.Single(exchange.Lines("recipient"), line => line.Text("key") != ExchangeFunctions.MailboxGuid);
        Assert.Equal(type, line.Text("type"));
        Assert.Equal(enabled, line.Text("enabled"));
    }

    [Fact]
    public void Any_text_becomes_a_line_that_can_be_read()
    {
        const string name = @"[string]::new([char[]](0xD83D, 34, 92, 0, 10, 0x1F, 0x7F, 0xFC, 0x20AC, 0xD83D, 0xDE00, 0x2028, 0xDE00))";
        using var exchange = new ExchangeFunctions(ExchangeFunctions.Mailbox.Replace("'Accounts Payable'", name, StringComparison.Ordinal));
        Assert.Equal("\uFFFD\"\\\0\n\u001F\u007F\u00FC\u20AC\U0001F600\u2028\uFFFD", Assert.Single(exchange.Lines("mailbox")).Text("displayName"));
    }

    [Fact]
    public void Rows_that_are_longer_than_the_buffer_arrive_whole()
    {
        using var exchange = new ExchangeFunctions(permissions: "foreach ($i in 1..3000) { [pscustomobject]@{ User = \"user$i \" + 'ä' * 60; AccessRights = 'FullAccess'; Deny = $false } }");
        var lines = exchange.Lines("permission");
        Assert.Equal(3000, lines.Count);
        Assert.All(lines, (line, i) => Assert.Equal($"user{i + 1} " + new string('ä', 60), line.Text("trustee")));
    }
}
