using System.Text.Json;

namespace ModuleTests.Exchange;

/// <summary>
/// A session in which functions of the test's own stand for the Exchange cmdlets, so that a row may have any shape. A body sees its parameters, <c>$asked</c>
/// (-Identity) and <c>$types</c> (-RecipientTypeDetails).
/// </summary>
internal sealed class ExchangeFunctions : IDisposable
{
    public const string MailboxGuid = "7d1e2b90-2222-4d33-8e03-cccccccc0001";
    public const string DirectoryId = "b2f1c6de-0000-4a11-9c01-aaaaaaaa0001";
    public const string Sid = "S-1-5-21-1111111111-2222222222-3333333333-";

    /// <summary>Rows of a mailbox that is the account's own.</summary>
    public const string Self = @"[pscustomobject]@{ Identity = 'Accounts'; User = 'NT AUTHORITY\SELF'; UserSid = 'S-1-5-10'; AccessRights = @('FullAccess, ReadPermission'); IsInherited = $false; Deny = $false; InheritanceType = 'All' }";

    public const string Mailbox = $$"""
        [pscustomobject]@{ Guid = [guid]'{{MailboxGuid}}'; ExternalDirectoryObjectId = '{{DirectoryId}}'; Identity = 'Accounts'; Name = 'Accounts'; DisplayName = 'Accounts Payable'
            Alias = 'accounts'; UserPrincipalName = 'accounts@corp.example'; PrimarySmtpAddress = 'Accounts@corp.example'
            EmailAddresses = @('SMTP:Accounts@corp.example', 'smtp:ap@corp.example'); RecipientTypeDetails = 'SharedMailbox'; GrantSendOnBehalfTo = @()
            HiddenFromAddressListsEnabled = $false; IsDirSynced = $false; AccountDisabled = $true }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("esgmailboxsync-").FullName;

    /// <summary>One mailbox, nobody else; single commands are replaced afterwards.</summary>
    public ExchangeFunctions(string mailbox = Mailbox, string permissions = Self, string recipients = "", string users = "", string groups = "")
    {
        Define("Get-Mailbox", mailbox);
        Define("Get-MailboxPermission", permissions);
        Define("Get-Recipient", $"if (-not $types) {{ {recipients} }}");
        Define("Get-User", users);
        Define("Get-Group", groups);
        Session["path"] = SnapshotPath;
    }

    public Session Session { get; } = new();

    public string SnapshotPath => Path.Combine(_folder, "snapshot.jsonl");

    /// <summary>Makes a function of the parameters that matter; what it is called with is kept in <c>$calls</c>.</summary>
    public void Define(string command, string body, string parameters = "$Identity, $ResultSize, $RecipientTypeDetails, $Filter, $LinkType, [switch]$IncludeUnresolvedPermissions")
    {
        Session.RunWell($$"""
            if (-not $ExecutionContext.SessionState.PSVariable.Get('global:calls')) { $global:calls = [Collections.Generic.List[object]]::new() }
            function global:{{command}} {
                [CmdletBinding()] param({{parameters}})
                $asked = $(if ($PSBoundParameters.ContainsKey('Identity')) { $PSBoundParameters['Identity'] })
                $types = $(if ($PSBoundParameters.ContainsKey('RecipientTypeDetails')) { $PSBoundParameters['RecipientTypeDetails'] })
                $global:calls.Add("{{command}} $asked".Trim())
                {{body}}
            }
            """);
    }

    public IReadOnlyList<string> Calls => [.. Session.RunWell("$global:calls").Output.Select(call => call.ToString())];

    public ScriptResult Export(string more = "") => Session.Run($"Export-MailboxDelegation -Path $path {more}");

    /// <summary>Reads everything and gives the lines of a kind.</summary>
    public IReadOnlyList<JsonElement> Lines(string kind, string more = "")
    {
        var result = Export(more);
        Assert.Empty(result.Errors);
        return [.. AllLines().Where(line => line.GetProperty("kind").GetString() == kind)];
    }

    /// <summary>The lines of the file that was written last.</summary>
    public IEnumerable<JsonElement> AllLines() => File.ReadLines(SnapshotPath).Select(line => JsonDocument.Parse(line).RootElement);

    /// <summary>Status and reason of a part, as <c>failed: reason</c>.</summary>
    public string Read(string subject)
    {
        var read = Assert.Single(AllLines(), line => line.TryGetProperty("subject", out var value) && value.GetString() == subject);
        var status = read.GetProperty("status").GetString()!;
        return read.TryGetProperty("reason", out var reason) ? $"{status}: {reason.GetString()}" : status;
    }

    public void Dispose()
    {
        Session.Dispose();
        Directory.Delete(_folder, true);
    }
}

internal static class JsonMembers
{
    /// <summary>A member as text; null when the line does not have it.</summary>
    public static string? Text(this JsonElement line, string name) => line.TryGetProperty(name, out var value) ? value.ToString() : null;

    public static string[]? Texts(this JsonElement line, string name) =>
        line.TryGetProperty(name, out var value) ? [.. value.EnumerateArray().Select(element => element.GetString()!)] : null;
}
