using System.Management.Automation;
using System.Text.Json;

namespace ModuleTests.Exchange;

/// <summary>How the rows of a sample arrive.</summary>
public enum SampleShape
{
    /// <summary>As objects of ConvertFrom-Json: no type names, GUIDs are text.</summary>
    Json,

    /// <summary>As Exchange's proxies give them: GUIDs are GUIDs, and everything went through the serializer of PowerShell.</summary>
    Clixml,
}

/// <summary>
/// The sample objects of tests/exchange/samples in a session: one shared mailbox (8.1) and the people and groups that the samples name. A test replaces what it
/// is about, reads with the cmdlets, and looks at the lines and delegations.
/// </summary>
internal sealed class SampleTenant : IDisposable
{
    public const string AccountsPayable = "7d1e2b90-2222-4d33-8e03-cccccccc0001";
    public const string Sid = "S-1-5-21-1111111111-2222222222-3333333333-";

    private static readonly JsonDocument Samples = JsonDocument.Parse(File.ReadAllText(TestPaths.In("tests", "exchange", "samples", "rows.json")));
    private static readonly string[] GuidColumns = ["Guid", "ExchangeGuid"];
    private readonly SampleShape _shape;

    public SampleTenant(SampleShape shape)
    {
        _shape = shape;
        Exchange = new ExchangeFunctions();
        Give("mailboxes", Rows(1));
        Give("softDeleted", []);
        Give("permissions", Rows(6));
        Give("sendAs", Rows(18)[..1]);
        Give("recipients", [.. Rows(1), .. Rows(2), .. Rows(3), .. Rows(21)]);
        Give("people", [Rows(24)[0], .. Parse("""
            [{"Identity":"c3a2d7ef-0000-4b22-9d02-aaaaaaaa0002","Sid":"S-1-5-21-1111111111-2222222222-3333333333-10002","SidHistory":[],"UserPrincipalName":"ivo.brandt@tailspindemo.example","ExternalDirectoryObjectId":"c3a2d7ef-0000-4b22-9d02-aaaaaaaa0002","RecipientTypeDetails":"UserMailbox"},
             {"Identity":"Temp Worker","Guid":"0f000000-2222-4000-8000-cccccccc0009","Sid":"S-1-5-21-1111111111-2222222222-3333333333-10009","UserPrincipalName":"temp.worker@tailspindemo.example","RecipientTypeDetails":"UserMailbox"},
             {"Identity":"Mailbox Delegate","Guid":"0f000000-2222-4000-8000-cccccccc0017","Sid":"S-1-5-21-1111111111-2222222222-3333333333-10017","UserPrincipalName":"mailbox.delegate@tailspindemo.example","RecipientTypeDetails":"UserMailbox"},
             {"Identity":"lena.roth_partner.example#EXT#","Sid":"S-1-5-21-1111111111-2222222222-3333333333-40007","UserPrincipalName":"lena.roth_partner.example#EXT#@tailspindemo.onmicrosoft.example","ExternalDirectoryObjectId":"07e61b23-0000-4f66-a106-aaaaaaaa0103","RecipientTypeDetails":"GuestMailUser"},
             {"Identity":"4b2a5f67-0000-43aa-a50a-aaaaaaaa0202","Guid":"d37481f6-2222-4399-9409-cccccccc0202","UserPrincipalName":"kiosk@tailspindemo.example","ExternalDirectoryObjectId":"4b2a5f67-0000-43aa-a50a-aaaaaaaa0202","RecipientTypeDetails":"User"}]
            """)]);
        Give("groups", [Rows(24)[1], .. Parse("""
            [{"Identity":"Finance Team (old)","Guid":"0f000000-2222-4000-8000-cccccccc0044","Sid":"S-1-5-21-1111111111-2222222222-3333333333-20044","DisplayName":"Finance Team","RecipientTypeDetails":"MailUniversalSecurityGroup"},
             {"Identity":"Discovery Management","Name":"Discovery Management","Guid":"0f000000-2222-4000-8000-cccccccc1272","Sid":"S-1-5-21-1111111111-2222222222-3333333333-1272","DisplayName":"Discovery Management","RecipientTypeDetails":"RoleGroup"}]
            """)]);
        Give("members", Rows(23));
        Exchange.Define("Get-Mailbox", """
            if ($SoftDeletedMailbox -or $InactiveMailboxOnly) { $softDeleted; return }
            foreach ($row in $mailboxes) {
                $guid = $row.PSObject.Properties['Guid']
                if (-not ($types -and $row.RecipientTypeDetails -notin $types) -and -not ($asked -and "$($guid.Value)" -ne $asked)) { $row }
            }
            """, "$Identity, $ResultSize, $RecipientTypeDetails, [switch]$SoftDeletedMailbox, [switch]$InactiveMailboxOnly");
        Exchange.Define("Get-MailboxPermission", "$global:switches = $PSBoundParameters; $permissions");
        Exchange.Define("Get-RecipientPermission", "$sendAs");
        Exchange.Define("Get-Recipient", "if ($types) { foreach ($row in $recipients) { if ($row.RecipientTypeDetails -in $types) { $row } } } else { $recipients }");
        Exchange.Define("Get-User", "$people");
        Exchange.Define("Get-Group", "$groups");
        foreach (var command in new[] { "Get-DistributionGroupMember", "Get-RoleGroupMember", "Get-UnifiedGroupLinks", "Get-DynamicDistributionGroupMember" })
        {
            Exchange.Define(command, "$members");
        }

        Exchange.Define("Get-ConnectionInformation", "[pscustomobject]@{ State = 'Connected'; TenantID = '00000000-0000-4000-8000-00000000abcd'; Organization = 'tailspindemo.onmicrosoft.example' }", "");
    }

    public ExchangeFunctions Exchange { get; }

    /// <summary>The rows of sample 8.<paramref name="number"/>, in the shape of this tenant.</summary>
    public PSObject[] Rows(int number) => [.. Elements(Samples.RootElement.GetProperty($"{number}")).Select(Row)];

    public PSObject[] Parse(string json) => [.. Elements(JsonDocument.Parse(json).RootElement).Select(Row)];

    /// <summary>Makes the session's functions answer with other rows: <c>mailboxes</c>, <c>permissions</c>, <c>sendAs</c>, <c>people</c> and so on.</summary>
    public void Give(string variable, PSObject[] rows) => Exchange.Session[variable] = rows;

    /// <summary>Reads the tenant and gives its delegations: <c>delegate right trail</c>.</summary>
    public string[] Delegations(string rights = "FullAccess", string more = "")
    {
        Read($"-Right {rights} {more}");
        return Texts("Get-MailboxDelegation -Snapshot $path | ForEach-Object { \"$($_.DelegateAddress) $($_.Right) $($_.Trail -join ' > ')\" }");
    }

    /// <summary>Reads the tenant into the file.</summary>
    public ScriptResult Read(string more = "")
    {
        var result = Exchange.Export(more);
        Assert.Empty(result.Errors);
        return result;
    }

    /// <summary>Why mailboxes are unknown, from the file: <c>code subject</c>.</summary>
    public string[] Unknown() => Texts("Get-MailboxDelegation -Snapshot $path -Unknown | ForEach-Object { foreach ($reason in $_.Reason) { \"$($reason.Code) $($reason.Subject)\" } }");

    /// <summary>Findings from the file: <c>code subject</c>.</summary>
    public string[] Findings() => Texts("Get-MailboxDelegation -Snapshot $path -Finding | ForEach-Object { \"$($_.Code) $($_.Subject)\" }");

    /// <summary>The lines of a kind, from the file.</summary>
    public JsonElement[] Lines(string kind) => [.. Exchange.AllLines().Where(line => line.Text("kind") == kind)];

    public string[] Texts(string script) => [.. Exchange.Session.RunWell(script).Output.Select(output => $"{output}")];

    public void Dispose() => Exchange.Dispose();

    private static JsonElement[] Elements(JsonElement sample) => sample.ValueKind == JsonValueKind.Array ? [.. sample.EnumerateArray()] : [sample];

    private PSObject Row(JsonElement element)
    {
        var row = (PSObject)Value(element)!;
        if (_shape == SampleShape.Json)
        {
            return row;
        }

        foreach (var column in GuidColumns)
        {
            if (row.Properties[column] is { Value: string text } property && Guid.TryParse(text, out var guid))
            {
                property.Value = guid;
            }
        }

        return (PSObject)PSSerializer.Deserialize(PSSerializer.Serialize(row, 5));
    }

    private static object? Value(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var row = new PSObject();
                foreach (var member in element.EnumerateObject())
                {
                    row.Properties.Add(new PSNoteProperty(member.Name, Value(member.Value)));
                }

                return row;
            case JsonValueKind.Array: return element.EnumerateArray().Select(Value).ToArray();
            case JsonValueKind.String: return element.GetString();
            case JsonValueKind.Number: return element.GetInt64();
            case JsonValueKind.True: return true;
            case JsonValueKind.False: return false;
            default: return null;
        }
    }
}
