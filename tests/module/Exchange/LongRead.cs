using System.Text.Json.Nodes;

namespace ModuleTests.Exchange;

/// <summary>Tenants of a few mailboxes whose reads break off.</summary>
internal static class LongRead
{
    /// <summary>What a command does when the session has ended.</summary>
    public const string Lost = "throw 'You must call the Connect-ExchangeOnline cmdlet before calling any other cmdlets.'";

    /// <summary>A row of the account itself, and one of a person who is another for each mailbox.</summary>
    public static string Rows => $"{ExchangeFunctions.Self}; [pscustomobject]@{{ User = \"p$asked@corp.example\"; UserSid = '{ExchangeFunctions.Sid}' + $asked.Substring(32); AccessRights = 'FullAccess'; Deny = $false; IsInherited = $false }}";

    public static string Guid(int number) => $"cccccccc-0000-4000-8000-{number:d12}";

    public static string[] Guids(params int[] numbers) => [.. numbers.Select(Guid)];

    public static string Mailboxes(int first, int last) => $$"""
        foreach ($n in {{first}}..{{last}}) {
            [pscustomobject]@{ Guid = 'cccccccc-0000-4000-8000-' + $n.ToString('d12'); Name = "m$n"; PrimarySmtpAddress = "m$n@corp.example"; EmailAddresses = @("SMTP:m$n@corp.example"); RecipientTypeDetails = 'SharedMailbox' }
        }
        """;

    public static ExchangeFunctions Tenant(int mailboxes) => new(Mailboxes(1, mailboxes), Rows);

    /// <summary>A read that loses its session at a mailbox; afterwards the session is there again.</summary>
    public static void BreakAt(ExchangeFunctions exchange, int number)
    {
        exchange.Define("Get-MailboxPermission", $"if ($asked -eq '{Guid(number)}') {{ {Lost} }} {Rows}");
        Assert.StartsWith("ExchangeSessionLost,", exchange.Export().Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        exchange.Define("Get-MailboxPermission", Rows);
    }

    /// <summary>The mailboxes that were asked for their permissions, in order.</summary>
    public static string[] Asked(ExchangeFunctions exchange) =>
        [.. exchange.Calls.Where(call => call.StartsWith("Get-MailboxPermission ", StringComparison.Ordinal)).Select(call => call.Split(' ')[1])];

    public static string[] Unbroken(ExchangeFunctions exchange, string more = "")
    {
        Assert.Empty(exchange.Export(more).Errors);
        return Lines(exchange);
    }

    /// <summary>The lines of the snapshot without their times, sorted.</summary>
    public static string[] Lines(ExchangeFunctions exchange, string suffix = "") => [.. File.ReadLines(exchange.SnapshotPath + suffix).Select(line =>
    {
        var members = JsonNode.Parse(line)!.AsObject();
        members.Remove("created");
        members.Remove("since");
        return members.ToJsonString();
    }).Order(StringComparer.Ordinal)];
}
