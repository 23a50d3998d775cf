using static ModuleTests.Exchange.LongRead;

namespace ModuleTests.Exchange;

/// <summary>Which errors end a read, which are tried again, and how a long read shows where it is (exo 1.8, 3.2, 3.5).</summary>
public sealed class FaultTests
{
    [Theory]
    [InlineData("throw 'You must call the Connect-ExchangeOnline cmdlet before calling any other cmdlets.'")]
    [InlineData("throw 'Vor allen anderen Cmdlets muss das Cmdlet Connect-ExchangeOnline aufgerufen werden.'")]
    [InlineData("throw 'Error while querying REST service. HttpStatusCode=401 ErrorMessage='")]
    [InlineData("throw 'Response status code does not indicate success: 401 (Unauthorized).'")]
    [InlineData("throw 'AADSTS700082: The refresh token has expired due to inactivity.'")]
    [InlineData("throw 'IDX10223: Lifetime validation failed. The token is expired.'")]
    [InlineData("throw 'InvalidAuthenticationToken: Access token validation failure.'")]
    [InlineData("throw [Management.Automation.Remoting.PSRemotingTransportException]::new('Die Verbindung wurde getrennt.')")]
    public void The_end_of_a_session_or_token_stops_the_read_resumably(string error)
    {
        using var exchange = Tenant(3);
        exchange.Define("Get-MailboxPermission", $"if ($asked -eq '{Guid(2)}') {{ {ExchangeFunctions.Self}; {error} }} {ExchangeFunctions.Self}");
        var lost = exchange.Export().Error;
        Assert.StartsWith("ExchangeSessionLost,", lost.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("the same command with -Resume goes on", lost.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(Guids(1, 2), Asked(exchange));
        exchange.Define("Get-MailboxPermission", ExchangeFunctions.Self);
        Assert.Empty(exchange.Export("-Resume").Errors);
        Assert.Equal(Guids(1, 2, 2, 3), Asked(exchange));
    }

    [Theory]
    [InlineData("Connected", "Expired", true)]
    [InlineData("Broken", "Active", true)]
    [InlineData("Connected", "Active", false)]
    public void After_a_failed_call_the_connection_tells_whether_it_is_still_alive(string state, string token, bool lost)
    {
        using var exchange = Tenant(2);
        exchange.Define("Get-ConnectionInformation", "[pscustomobject]@{ State = $connection[0]; TokenStatus = $connection[1]; ModulePrefix = ''; TenantID = '11111111-2222-4333-8444-555555555550' }", "");
        exchange.Session["connection"] = new[] { "Connected", "Active" };
        exchange.Define("Get-MailboxPermission", $"$connection[0] = '{state}'; $connection[1] = '{token}'; throw 'Etwas ging schief.'");
        var result = exchange.Export();
        Assert.Equal(lost ? ["ExchangeSessionLost"] : [], result.Errors.Select(error => error.FullyQualifiedErrorId.Split(',')[0]));
        Assert.Equal(lost ? 1 : 2, Asked(exchange).Length);
    }

    [Theory]
    [InlineData("Microsoft.Exchange.Data.Storage.ServerBusyException|busy", 2)]
    [InlineData("Microsoft.Exchange.Data.Directory.TransientException|busy", 2)]
    [InlineData("BackendCommunicationException", 2)]
    [InlineData("CmdletProxyNotAvailableFailure", 2)]
    [InlineData("Error while querying REST service. HttpStatusCode=429 ErrorMessage=", 2)]
    [InlineData("Error while querying REST service. HttpStatusCode=503 ErrorMessage=", 2)]
    [InlineData("You have reached the maximum number of concurrent requests per tenant. Please wait and try again", 2)]
    [InlineData("Error while querying REST service. HttpStatusCode=404 ErrorMessage=", 1)]
    [InlineData("Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException|not found", 1)]
    public void Only_what_passes_is_tried_again(string error, int calls)
    {
        using var exchange = Tenant(2);
        exchange.Define("Get-MailboxPermission", $"if ($asked -eq '{Guid(1)}' -and $tries.Add($asked)) {{ throw 'Ex1|{error}' }} {ExchangeFunctions.Self}");
        exchange.Session["tries"] = new HashSet<string>();
        Assert.Empty(exchange.Export().Errors);
        Assert.Equal(calls, Asked(exchange).Count(guid => guid == Guid(1)));
        Assert.StartsWith(calls == 2 ? "complete" : "failed", exchange.Read("mailbox:" + Guid(1)), StringComparison.Ordinal);
        Assert.Equal("complete", exchange.Read("mailbox:" + Guid(2)));
    }

    [Fact]
    public void What_does_not_pass_is_tried_three_times_and_the_read_goes_on()
    {
        using var exchange = Tenant(2);
        exchange.Define("Get-MailboxPermission", $"if ($asked -eq '{Guid(1)}') {{ throw 'Ex1|ServerBusyException|busy' }} {ExchangeFunctions.Self}");
        Assert.Empty(exchange.Export().Errors);
        Assert.Equal(Guids(1, 1, 1, 2), Asked(exchange));
        Assert.Equal("failed: busy", exchange.Read("mailbox:" + Guid(1)));
    }

    [Theory]
    [InlineData(0, 900, 60_000)]
    [InlineData(1500, 0, 900)]
    public void The_time_that_Exchange_itself_waited_counts(int failsAfter, int atLeast, int atMost)
    {
        using var exchange = Tenant(1);
        exchange.Session["clock"] = new List<DateTime>();
        exchange.Define("Get-MailboxPermission", $"$clock.Add([DateTime]::UtcNow); if ($clock.Count -eq 1) {{ [Threading.Thread]::Sleep({failsAfter}); $clock.Add([DateTime]::UtcNow); throw 'Ex1|ServerBusyException|busy' }} {ExchangeFunctions.Self}");
        Assert.Empty(exchange.Export().Errors);
        var clock = (List<DateTime>)exchange.Session["clock"]!;
        Assert.InRange((clock[2] - clock[1]).TotalMilliseconds, atLeast, atMost);
    }

    [Fact]
    public void Rows_that_were_handed_over_are_never_asked_for_again_in_the_same_read()
    {
        using var exchange = Tenant(1);
        exchange.Define("Get-MailboxPermission", $"{ExchangeFunctions.Self}; throw 'Ex1|ServerBusyException|busy'");
        Assert.Empty(exchange.Export().Errors);
        Assert.Single(Asked(exchange));
        Assert.StartsWith("failed", exchange.Read("mailbox:" + Guid(1)), StringComparison.Ordinal);
    }

    [Fact]
    public void Progress_tells_rate_and_remaining_time_of_what_is_read_now_and_ends()
    {
        using var exchange = Tenant(24);
        exchange.Define("Get-MailboxPermission", $"if ($asked -eq '{Guid(17)}') {{ {Lost} }} {ExchangeFunctions.Self}");
        exchange.Export();
        exchange.Define("Get-MailboxPermission", $"[Threading.Thread]::Sleep(300); {ExchangeFunctions.Self}");
        var progress = exchange.Export("-Resume").Progress.Where(record => record.Activity == "Reading mailbox permissions").ToList();

        Assert.All(progress, record => Assert.Equal(progress[0].ActivityId, record.ActivityId));
        Assert.Equal(System.Management.Automation.ProgressRecordType.Completed, progress[^1].RecordType);
        progress.RemoveAt(progress.Count - 1);
        Assert.StartsWith("Mailbox 17 of 24: m17", progress[0].StatusDescription, StringComparison.Ordinal);
        Assert.Equal((-1, 66), (progress[0].SecondsRemaining, progress[0].PercentComplete));
        Assert.InRange(progress.Count, 2, 8);
        var last = progress[^1];
        Assert.Matches(@"^Mailbox \d+ of 24: m\d+ \(\d+ per minute\)$", last.StatusDescription);
        // At most 200 a minute: those that were taken over do not count.
        Assert.InRange(int.Parse(last.StatusDescription.Split('(', ' ')[^3], System.Globalization.CultureInfo.InvariantCulture), 1, 200);
        Assert.InRange(last.SecondsRemaining, 1, 60);
    }
}
