using System.Management.Automation;

namespace ModuleTests.Exchange;

/// <summary>A tenant of 10,000 mailboxes that changes a little.</summary>
public sealed class LargeDeltaTests
{
    private const int Mailboxes = 10_000;
    private const int Changes = 50;

    // Each of one person only; their changes are not in the log.
    private static readonly int[] LeftOut = [4_004, 4_008, 4_012];

    [Fact]
    public void Rule16_A_delta_asks_for_few_mailboxes_and_knows_what_a_full_read_knows_and_removes_nothing_that_the_log_left_out()
    {
        using var tenant = new LargeTenant(Mailboxes);
        Assert.Equal(Mailboxes, tenant.Export("earlier"));
        tenant.World.Session.RunWell("$snapshot = $earlier");
        tenant.World.Plan();
        Assert.Empty(tenant.World.Apply().Errors);

        for (var i = 0; i < Changes; i++)
        {
            tenant.Change(i * 4, gain: i % 2 == 0, logged: true);
        }

        Assert.Equal(Changes, tenant.Export("delta", "-Since $earlier"));
        var known = tenant.Delegations("delta");

        foreach (var mailbox in LeftOut)
        {
            tenant.Change(mailbox, gain: false, logged: false);
        }

        Assert.InRange(tenant.Export("later", "-Since $delta"), Changes, 99);
        Assert.Equal(known, tenant.Delegations("later"));
        Assert.Equal(Mailboxes, tenant.Export("full"));
        var lost = known.Except(tenant.Delegations("full")).ToArray();
        Assert.Equal(LeftOut.Select(LargeTenant.Lost).Order(StringComparer.Ordinal), lost.Order(StringComparer.Ordinal));
        Assert.Equal(known.Length - LeftOut.Length, tenant.Delegations("full").Length);

        // What the log told is taken away by a plan from the delta, and what it left out is not.
        string[] told = [.. Enumerable.Range(0, Changes).Where(i => i % 2 == 1).Select(i => LargeTenant.Removal(i * 4))];
        Assert.Equal(told.Order(StringComparer.Ordinal), tenant.Removed("later"));
        Assert.Equal(told.Concat(LeftOut.Select(LargeTenant.Removal)).Order(StringComparer.Ordinal), tenant.Removed("full"));
    }

    /// <summary>
    /// Functions over objects that are made beforehand, so that 10,000 calls take seconds: each fourth mailbox is one person's, each twentieth also that of a
    /// group of three.
    /// </summary>
    private sealed class LargeTenant : IDisposable
    {
        private const int People = 200;
        private const string Sid = "S-1-5-21-1111111111-2222222222-3333333333-";

        private readonly Company _company = new();
        private readonly Dictionary<string, PSObject[]> _permissions = [];
        private readonly List<PSObject> _log = [];

        public LargeTenant(int mailboxes)
        {
            foreach (var i in Enumerable.Range(0, People))
            {
                _company.Person(Person(i));
            }

            World = new(_company.Save());
            PSObject[] people = [.. Enumerable.Range(0, People).Select(i => Recipient(_company.GuidOf(Person(i)), Person(i), "UserMailbox", Sid + (i + 1)))];
            var group = Recipient("e0000000-0000-4000-8000-000000000001", "team", "MailUniversalSecurityGroup", Sid + 9001);
            PSObject[] shared = [.. Enumerable.Range(0, mailboxes).Select(i => Recipient(Guid(i), Name(i), "SharedMailbox", null))];
            foreach (var i in Enumerable.Range(0, mailboxes))
            {
                _permissions[Guid(i)] =
                [
                    Row(@"NT AUTHORITY\SELF", "S-1-5-10"),
                    .. i % 4 == 0 ? [PersonRow(i)] : Array.Empty<PSObject>(),
                    .. i % 20 == 0 ? [Row("team", Sid + 9001)] : Array.Empty<PSObject>(),
                ];
            }

            var session = World.Session;
            session["large"] = new Dictionary<string, PSObject[]>
            {
                ["mailboxes"] = shared,
                ["recipients"] = [.. shared, .. people, group],
                ["people"] = people,
                ["groups"] = [group],
                ["members"] = people[..3],
            };
            session["largePermissions"] = _permissions;
            session["largeLog"] = _log;
            session["folder"] = World.Folder;
            session.RunWell("""
                function global:Get-Mailbox { [CmdletBinding()] param($Identity, $ResultSize, $RecipientTypeDetails, [switch]$SoftDeletedMailbox, [switch]$InactiveMailboxOnly)
                    if (-not $SoftDeletedMailbox -and -not $InactiveMailboxOnly) { $large['mailboxes'] } }
                function global:Get-Recipient { [CmdletBinding()] param($Identity, $ResultSize, $RecipientTypeDetails) if (-not $RecipientTypeDetails) { $large['recipients'] } }
                function global:Get-User { [CmdletBinding()] param($Identity, $ResultSize) $large['people'] }
                function global:Get-Group { [CmdletBinding()] param($Identity, $ResultSize) $large['groups'] }
                function global:Get-DistributionGroupMember { [CmdletBinding()] param($Identity, $ResultSize) $large['members'] }
                function global:Get-MailboxPermission { [CmdletBinding()] param($Identity, $ResultSize, [switch]$IncludeUnresolvedPermissions) $global:largeCalls++; $largePermissions[$Identity] }
                function global:Search-UnifiedAuditLog { [CmdletBinding()] param($StartDate, $EndDate, $Operations, $SessionId, $SessionCommand, $ResultSize)
                    if ($global:largeSession -ne $SessionId) { $global:largeSession = $SessionId; $largeLog } }
                $global:largeSession = ''
                """);
        }

        public World World { get; }

        /// <summary>Reads into a variable and a file of that name; gives how many mailboxes were asked for their permissions.</summary>
        public int Export(string name, string more = "")
        {
            World.Session.RunWell($"$global:largeCalls = 0; ${name} = Export-MailboxDelegation -Path \"$folder/{name}.jsonl\" -Confirm:$false {more}");
            return (int)World.Session["largeCalls"]!;
        }

        public string[] Delegations(string name) => [.. World.Texts($"Get-MailboxDelegation -Snapshot ${name}").Order(StringComparer.Ordinal)];

        /// <summary>A mailbox gains another person, or loses its own.</summary>
        public void Change(int mailbox, bool gain, bool logged)
        {
            var rows = _permissions[Guid(mailbox)];
            _permissions[Guid(mailbox)] = gain ? [.. rows, PersonRow(mailbox + 1)] : [.. rows.Where(row => (string)row.Properties["User"].Value != Address(mailbox))];
            if (logged)
            {
                var operation = gain ? "Add-MailboxPermission" : "Remove-MailboxPermission";
                var data = $$"""{"Operation": "{{operation}}", "ObjectId": "corpexample.onmicrosoft.com/{{Name(mailbox)}}", "Parameters": [{"Name": "Identity", "Value": "{{Name(mailbox)}}"}]}""";
                _log.Add(Bag(("Identity", System.Guid.NewGuid().ToString()), ("Operations", operation), ("AuditData", data), ("ResultCount", Changes)));
            }
        }

        /// <summary>The delegation of a mailbox's own person, as text.</summary>
        public static string Lost(int mailbox) => $"{Person(mailbox % People)} <{Address(mailbox)}> has FullAccess on {Name(mailbox)} <{Name(mailbox)}@corp.example>";

        public static string Removal(int mailbox) => $"AliasRemoved {Address(mailbox)} {Name(mailbox)}@corp.example";

        /// <summary>What a plan from a snapshot removes.</summary>
        public IEnumerable<string> Removed(string name)
        {
            World.Session.RunWell($"$snapshot = ${name}");
            World.Plan();
            return World.Changes().Where(change => change.StartsWith("AliasRemoved", StringComparison.Ordinal));
        }

        public void Dispose()
        {
            World.Dispose();
            _company.Dispose();
        }

        private static string Guid(int mailbox) => $"f0000000-0000-4000-8000-{mailbox:d12}";

        private static string Name(int mailbox) => $"box{mailbox}";

        private static string Person(int number) => $"person{number}";

        private static string Address(int mailbox) => $"{Person(mailbox % People)}@corp.example";

        private static PSObject PersonRow(int mailbox) => Row(Address(mailbox), Sid + ((mailbox % People) + 1));

        private static PSObject Row(string user, string sid) => Bag(
            ("User", user), ("UserSid", sid), ("AccessRights", "FullAccess"), ("IsInherited", false), ("Deny", false), ("InheritanceType", "All"));

        private static PSObject Recipient(string guid, string name, string type, string? sid) => Bag(
            ("Guid", guid),
            ("Name", name),
            ("DisplayName", name),
            ("Sid", sid),
            ("PrimarySmtpAddress", $"{name}@corp.example"),
            ("EmailAddresses", new[] { $"SMTP:{name}@corp.example" }),
            ("RecipientTypeDetails", type));

        private static PSObject Bag(params (string Name, object? Value)[] members)
        {
            var bag = new PSObject();
            foreach (var (name, value) in members)
            {
                bag.Properties.Add(new PSNoteProperty(name, value));
            }

            return bag;
        }
    }
}
