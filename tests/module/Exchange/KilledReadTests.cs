using System.Diagnostics;
using System.Text.Json.Nodes;

namespace ModuleTests.Exchange;

/// <summary>
/// A read of 20,000 mailboxes whose process is really killed, 20 times, at random moments, and continued each time (design 4). It asks for each mailbox once,
/// the one in flight at a kill excepted, and ends as a read that nobody disturbed.
/// </summary>
public sealed class KilledReadTests(ITestOutputHelper output) : IDisposable
{
    private const int Mailboxes = 20_000;
    private const int Kills = 20;

    /// <summary>A line of the log of calls: a GUID, or the name of a command in as many letters.</summary>
    private const int LogLine = 37;

    private readonly string _folder = Directory.CreateTempSubdirectory("killed-read-").FullName;

    private string Log => Path.Combine(_folder, "killed.log");

    private string Snapshot(string name) => Path.Combine(_folder, name + ".jsonl");

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public void Killed_20_times_a_read_asks_for_each_mailbox_once_and_ends_as_an_unbroken_one()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var clock = Stopwatch.StartNew();
        var inFlight = new List<string>();
        using var unbroken = Read("unbroken", "");
        for (var kill = 1; kill <= Kills; kill++)
        {
            var before = Calls().Length;
            // On average they spread over the whole read; some fall before the first mailbox, while the lists are read or taken over.
            var calls = 1 + random.Next(kill % 5 == 0 ? 8 : 2 * Mailboxes / Kills);
            using var read = Read("killed", "-Resume");
            while (new FileInfo(Log) is not { Exists: true } log || log.Length < (before + calls) * LogLine)
            {
                Assert.False(read.HasExited, $"the read ended before kill {kill}: " + (read.HasExited ? read.Output : ""));
                Thread.Sleep(1);
            }

            read.Kill();
            inFlight.Add(Calls()[^1]);
        }

        output.WriteLine($"{Kills} kills in {clock.Elapsed.TotalSeconds:n1} s; {Calls().Count(IsMailbox)} mailboxes asked for");
        using (var last = Read("killed", "-Resume"))
        {
            Assert.True(last.WaitForExit() == 0, last.Output);
        }

        var asked = Calls().Where(IsMailbox).GroupBy(guid => guid).ToDictionary(calls => calls.Key, calls => calls.Count());
        Assert.Equal(Mailboxes, asked.Count);
        var twice = asked.Where(calls => calls.Value > 1).ToArray();
        // Nothing but what was in flight was asked for again, and that once for each kill.
        Assert.All(twice, calls => Assert.Equal(inFlight.Count(guid => guid == calls.Key), calls.Value - 1));
        output.WriteLine($"{twice.Length} asked for again; {clock.Elapsed.TotalSeconds:n1} s");

        Assert.True(unbroken.WaitForExit() == 0, unbroken.Output);
        Assert.Equal(Lines("unbroken"), Lines("killed"));
        Assert.Equal(Delegations("unbroken"), Delegations("killed"));
        // The lock and its text stay: they are of no read, and deleting them would let two reads lock two files of one name.
        Assert.Equal(["killed.jsonl", "killed.log", "unbroken.jsonl", "unbroken.log"], Directory.GetFiles(_folder).Select(Path.GetFileName).Where(name => !name!.EndsWith(".ps1", StringComparison.Ordinal) && !name.EndsWith(".lock", StringComparison.Ordinal) && !name.EndsWith(".holder", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        output.WriteLine($"{clock.Elapsed.TotalSeconds:n1} s");
    }

    private static bool IsMailbox(string call) => call.StartsWith("cccccccc-", StringComparison.Ordinal);

    /// <summary>Each call of an Exchange command, over all processes; of a mailbox its GUID.</summary>
    private string[] Calls()
    {
        if (!File.Exists(Log))
        {
            return [];
        }

        using var reader = new StreamReader(new FileStream(Log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Every line without its times, sorted.</summary>
    private string[] Lines(string name) => [.. File.ReadLines(Snapshot(name)).Select(line =>
    {
        var members = JsonNode.Parse(line)!.AsObject();
        return members.Remove("created") | members.Remove("since") ? members.ToJsonString() : line;
    }).Order(StringComparer.Ordinal)];

    /// <summary>Who has what, with the trail.</summary>
    private string[] Delegations(string name)
    {
        using var session = new Session();
        session["file"] = Snapshot(name);
        var delegations = session.RunWell("foreach ($d in Get-MailboxDelegation -Snapshot $file) { \"$($d.MailboxAddress) $($d.Right) $($d.DelegateAddress) $($d.Trail)\" }").Output;
        Assert.True(delegations.Count > Mailboxes);
        return [.. delegations.Select(text => text.ToString()!).Order(StringComparer.Ordinal)];
    }

    /// <summary>
    /// A process that reads: 20,000 mailboxes, 200 people, 20 groups of ten. Each mailbox has a person, every fourth a group too. The functions write each call to
    /// the log before they answer, so that nothing that was asked goes uncounted.
    /// </summary>
    private HostProcess Read(string name, string more) => new(
        $$"""
        $log = [IO.StreamWriter]::new([IO.FileStream]::new('{{Path.Combine(_folder, name + ".log")}}', 'Append', 'Write', 'ReadWrite'))
        $log.NewLine = "`n"
        $log.AutoFlush = $true
        function Call([string]$text) { $log.WriteLine($text.PadRight(36)) }
        function Mail([string]$name) { @("SMTP:$name@corp.example") }
        $sid = 'S-1-5-21-1111111111-2222222222-3333333333-'
        $self = [pscustomobject]@{ User = 'NT AUTHORITY\SELF'; UserSid = 'S-1-5-10'; AccessRights = @('FullAccess, ReadPermission'); IsInherited = $false; Deny = $false; InheritanceType = 'All' }
        $rows = foreach ($n in 1..220) { [pscustomobject]@{ User = "trustee$n"; UserSid = "$sid$n"; AccessRights = @('FullAccess'); IsInherited = $false; Deny = $false; InheritanceType = 'All' } }
        $people = foreach ($n in 1..200) { [pscustomobject]@{ Guid = "aaaaaaaa-0000-4000-8000-$($n.ToString('d12'))"; Name = "p$n"; PrimarySmtpAddress = "p$n@corp.example"; EmailAddresses = Mail "p$n"; RecipientTypeDetails = 'UserMailbox'; Sid = "$sid$n" } }
        $groups = foreach ($n in 201..220) { [pscustomobject]@{ Guid = "bbbbbbbb-0000-4000-8000-$($n.ToString('d12'))"; Name = "g$n"; PrimarySmtpAddress = "g$n@corp.example"; RecipientTypeDetails = 'MailUniversalSecurityGroup'; Sid = "$sid$n" } }
        function Get-Mailbox {
            [CmdletBinding()] param($Identity, $ResultSize, $RecipientTypeDetails)
            Call 'Get-Mailbox'
            foreach ($n in 1..{{Mailboxes}}) {
                [pscustomobject]@{ Guid = 'cccccccc-0000-4000-8000-' + $n.ToString('d12'); PrimarySmtpAddress = "m$n@corp.example"; EmailAddresses = @("SMTP:m$n@corp.example"); RecipientTypeDetails = 'SharedMailbox' }
            }
        }
        function Get-Recipient { [CmdletBinding()] param($ResultSize, $RecipientTypeDetails) Call 'Get-Recipient'; $people; $groups }
        function Get-User { [CmdletBinding()] param($ResultSize) Call 'Get-User'; $people }
        function Get-Group { [CmdletBinding()] param($ResultSize) Call 'Get-Group'; $groups }
        function Get-DistributionGroupMember { [CmdletBinding()] param($Identity, $ResultSize) Call 'Get-DistributionGroupMember'; $people[(10 * ([int]"$Identity".Substring(32) - 201))..(10 * ([int]"$Identity".Substring(32) - 201) + 9)] }
        function Get-MailboxPermission {
            [CmdletBinding()] param($Identity, $ResultSize, [switch]$IncludeUnresolvedPermissions)
            $log.WriteLine($Identity)
            $n = [int]$Identity.Substring(24)
            $self
            $rows[$n % 200]
            if ($n % 4 -eq 0) { $rows[200 + $n % 20] }
        }
        $null = Export-MailboxDelegation -Path '{{Snapshot(name)}}' {{more}}
        """,
        _folder);
}
