using System.Text.Json.Nodes;

namespace ModuleTests;

/// <summary>A company that a test makes up: a tenant for the stand-in and users for the simulator, in a folder that <see cref="World"/> takes. All is at corp.example.</summary>
internal sealed class Company : IDisposable
{
    private const string Domain = "corp.example";
    private const string Sid = "S-1-5-21-1111111111-2222222222-3333333333-";

    private readonly string _folder = Directory.CreateTempSubdirectory("company-").FullName;
    private readonly JsonArray _mailboxes = [], _users = [], _groups = [], _softDeleted = [], _esgUsers = [], _log = [];
    private readonly JsonObject _permissions = [], _members = [];
    private readonly Dictionary<string, int> _numbers = [];
    private int _tenant = 0xFFFF;

    public string Folder => _folder;

    public static string Guid(int number) => $"a0000000-0000-4000-8000-{number:x12}";

    /// <summary>GUID of a person, group or mailbox by name.</summary>
    public string GuidOf(string name) => Guid(_numbers[name]);

    /// <summary>A person with a mailbox of their own, and where nothing else is said a user at ESG.</summary>
    public Company Person(string name, bool atEsg = true)
    {
        _users.Add(Row(name, "UserMailbox"));
        return atEsg ? EsgUser(Address(name), 7, Address(name)) : this;
    }

    /// <summary>A mail-enabled security group of people and groups that are there already.</summary>
    public Company Group(string name, params string[] members)
    {
        _groups.Add(Row(name, "MailUniversalSecurityGroup"));
        _members[GuidOf(name)] = new JsonArray([.. members.Select(member => (JsonNode)GuidOf(member))]);
        return this;
    }

    /// <summary>A shared mailbox to which trustees (people or groups) have FullAccess, with a functional user of its name at ESG.</summary>
    public Company Mailbox(string name, params string[] trustees) => HiddenMailbox(name, trustees).EsgUser(name, 499, Address(name));

    /// <summary>A shared mailbox without a functional user.</summary>
    public Company HiddenMailbox(string name, params string[] trustees)
    {
        _mailboxes.Add(Row(name, "SharedMailbox"));
        JsonArray rows = [Permission(@"NT AUTHORITY\SELF", "S-1-5-10")];
        foreach (var trustee in trustees)
        {
            var isGroup = _groups.Any(group => group!["Name"]!.GetValue<string>() == trustee);
            rows.Add(Permission(isGroup ? trustee : Address(trustee), Sid + _numbers[trustee]));
        }

        _permissions[GuidOf(name)] = rows;
        return this;
    }

    /// <summary>One more trustee of a mailbox that is there already.</summary>
    public Company Grant(string mailbox, string person)
    {
        _permissions[GuidOf(mailbox)]!.AsArray().Add(Permission(Address(person), Sid + _numbers[person]));
        return this;
    }

    /// <summary>A row that denies a person FullAccess.</summary>
    public Company Deny(string mailbox, string person)
    {
        var row = Permission(Address(person), Sid + _numbers[person]);
        row["Deny"] = true;
        _permissions[GuidOf(mailbox)]!.AsArray().Add(row);
        return this;
    }

    /// <summary>One trustee less.</summary>
    public Company Revoke(string mailbox, string person)
    {
        var rows = _permissions[GuidOf(mailbox)]!.AsArray();
        rows.Remove(rows.Single(row => row!["User"]!.GetValue<string>() == Address(person)));
        return this;
    }

    /// <summary>A trustee that is nobody: the mailbox is unknown.</summary>
    public Company Unknown(string mailbox)
    {
        _permissions[GuidOf(mailbox)]!.AsArray().Add(Permission("Nobody Knows", ""));
        return this;
    }

    /// <summary>Nobody but the mailbox itself has rights on it.</summary>
    public Company RevokeAll(string mailbox)
    {
        _permissions[GuidOf(mailbox)] = new JsonArray(Permission(@"NT AUTHORITY\SELF", "S-1-5-10"));
        return this;
    }

    /// <summary>The company in another tenant, with the same GUIDs and addresses: a copy for tests.</summary>
    public Company Tenant(int number)
    {
        _tenant = number;
        return this;
    }

    /// <summary>Another primary address and UPN; the old address stays, or goes too.</summary>
    public Company Rename(string name, string to, bool keepOld = true)
    {
        var row = RowOf(name);
        JsonArray addresses = ["SMTP:" + Address(to)];
        if (keepOld)
        {
            addresses.Add("smtp:" + row["PrimarySmtpAddress"]);
        }

        row["PrimarySmtpAddress"] = Address(to);
        row["UserPrincipalName"] = Address(to);
        row["EmailAddresses"] = addresses;
        return this;
    }

    /// <summary>The mailbox of a person becomes a shared one, or a shared one that of a person.</summary>
    public Company Convert(string name)
    {
        var row = RowOf(name);
        var toShared = row.Parent == _users;
        row.Parent!.AsArray().Remove(row);
        row["RecipientTypeDetails"] = toShared ? "SharedMailbox" : "UserMailbox";
        (toShared ? _mailboxes : _users).Add(row);
        return toShared ? RevokeAll(name) : this;
    }

    /// <summary>The account of a person may not log in any more.</summary>
    public Company Disable(string name)
    {
        RowOf(name)["AccountDisabled"] = true;
        return this;
    }

    /// <summary>A person, or a mailbox, that is gone for good; what it was granted shows its SID.</summary>
    public Company Delete(string name)
    {
        var row = RowOf(name);
        row.Parent!.AsArray().Remove(row);
        foreach (var permission in _permissions.SelectMany(rows => rows.Value!.AsArray()).Where(permission => $"{permission!["UserSid"]}" == $"{row["Sid"]}"))
        {
            permission!["User"] = $"{row["Sid"]}";
        }

        return this;
    }

    /// <summary>A mailbox that is deleted and may be restored; or that is restored.</summary>
    public Company SoftDelete(string name, bool restore = false)
    {
        var row = RowOf(name);
        row.Parent!.AsArray().Remove(row);
        (restore ? _mailboxes : _softDeleted).Add(row);
        return this;
    }

    /// <summary>Other members of a group that is there already.</summary>
    public Company Members(string group, params string[] members)
    {
        _members[GuidOf(group)] = new JsonArray([.. members.Select(member => (JsonNode)GuidOf(member))]);
        return this;
    }

    /// <summary>An event of the audit log. Empty texts are left out; <c>{n}</c> in them is the number of a repetition.</summary>
    public Company Log(string operation, string objectId, string identity, int minutesAgo = 0, int repeat = 1, string? data = null)
    {
        var row = new JsonObject { ["Operation"] = operation, ["MinutesAgo"] = minutesAgo };
        foreach (var (name, value) in new[] { ("ObjectId", objectId), ("Identity", identity), ("AuditData", data ?? "") })
        {
            if (value.Length > 0)
            {
                row[name] = value;
            }
        }

        if (repeat > 1)
        {
            row["Repeat"] = new JsonArray(1, repeat);
        }

        _log.Add(row);
        return this;
    }

    /// <summary>Name of a person, group or mailbox by GUID.</summary>
    public string NameOf(string guid) => _numbers.Single(pair => Guid(pair.Value) == guid).Key;

    /// <summary>A user at ESG; the first address is the primary one.</summary>
    public Company EsgUser(string username, int role, params string[] addresses)
    {
        var elements = addresses.Select((address, i) => (JsonNode)new JsonObject { ["address"] = address, ["active"] = true, ["primary"] = i == 0 });
        _esgUsers.Add(new JsonObject { ["id"] = 1001 + _esgUsers.Count, ["username"] = username, ["role"] = role, ["emailAddresses"] = new JsonArray([.. elements]) });
        return this;
    }

    public static string Address(string name) => $"{name}@{Domain}";

    /// <summary>Writes what there is so far. Can be called again after changes.</summary>
    public string Save()
    {
        var tenant = new JsonObject
        {
            ["tenant"] = new JsonObject { ["id"] = Guid(_tenant), ["name"] = "corpexample.onmicrosoft.com", ["displayName"] = "Corp" },
            ["compact"] = true,
            ["Get-Mailbox"] = _mailboxes.DeepClone(),
            ["Get-Mailbox -SoftDeletedMailbox"] = _softDeleted.DeepClone(),
            ["Get-User"] = _users.DeepClone(),
            ["Get-Group"] = _groups.DeepClone(),
            ["Get-MailboxPermission"] = _permissions.DeepClone(),
            ["Get-DistributionGroupMember"] = _members.DeepClone(),
            ["AuditLog"] = _log.DeepClone(),
        };
        File.WriteAllText(Path.Combine(_folder, "exchange.json"), tenant.ToJsonString());
        File.WriteAllText(Path.Combine(_folder, "esg.json"), new JsonObject { ["users"] = _esgUsers.DeepClone() }.ToJsonString());
        return _folder;
    }

    public void Dispose() => Directory.Delete(_folder, true);

    private static JsonObject Permission(string user, string sid) =>
        new() { ["User"] = user, ["UserSid"] = sid, ["AccessRights"] = new JsonArray("FullAccess") };

    private JsonObject RowOf(string name) =>
        _mailboxes.Concat(_users).Concat(_groups).Concat(_softDeleted).Single(row => $"{row!["Guid"]}" == GuidOf(name))!.AsObject();

    private JsonObject Row(string name, string type)
    {
        var number = _numbers.Count + 1;
        _numbers.Add(name, number);
        return new()
        {
            ["DisplayName"] = name,
            ["Name"] = name,
            ["PrimarySmtpAddress"] = Address(name),
            ["RecipientTypeDetails"] = type,
            ["Guid"] = Guid(number),
            ["ExternalDirectoryObjectId"] = $"d0000000-0000-4000-9000-{number:x12}",
            ["Sid"] = Sid + number,
        };
    }
}
