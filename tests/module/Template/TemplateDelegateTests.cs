namespace ModuleTests.Template;

/// <summary>Defects of the vendor's template in whom it takes for a delegate, and for which address (T6 to T8, T10, T11, T13, T19).</summary>
public sealed class TemplateDelegateTests
{
    [Fact]
    public void T06_People_are_not_dropped_for_a_part_of_their_name()
    {
        using var world = new World();
        world.ReadAndPlan();
        foreach (var person in new[] { "jane.selfridge", "ada.systems", "lab.s-1-5-21" })
        {
            Assert.Contains($"AliasAdded {person}@halden.example orders@halden.example", world.Changes());
        }

        // SELF, SYSTEM and Organization Management, who are in the rows of every mailbox, still are no delegates.
        Assert.Equal(["tim.berg@halden.example"], world.Texts("$snapshot | Get-MailboxDelegation reception@halden.example | ForEach-Object DelegateAddress"));
    }

    [Fact]
    public void T07_Orphaned_SIDs_are_told()
    {
        using var world = new World();
        world.ReadAndPlan();
        var expected = new[] { "archive2019@halden.example S-1-5-21-1111111111-2222222222-3333333333-31338", "legal@halden.example S-1-5-21-1111111111-2222222222-3333333333-31337" };
        foreach (var findings in new[] { "$snapshot | Get-MailboxDelegation -Finding", "$plan.Finding" })
        {
            var orphans = world.Texts($"{findings} | Where-Object {{ $_.Code -eq 'OrphanedTrustee' -and $_.Subject -like 'S-1-*' }} | ForEach-Object {{ \"$($_.Mailbox) $($_.Subject)\" }}");
            Assert.Equal(expected, orphans.Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void T08_A_deny_is_no_grant_and_takes_one_away()
    {
        using var world = new World();
        world.ReadAndPlan();
        // Piet Vos has both rows himself; Hugo Prins is denied as a member of a group.
        Assert.Equal(["olga.maes@halden.example"], world.Texts("$snapshot | Get-MailboxDelegation returns@halden.example | ForEach-Object DelegateAddress"));
        Assert.DoesNotContain(world.Changes(), change => change.Contains("piet.vos@", StringComparison.Ordinal));
        Assert.DoesNotContain("hugo.prins@halden.example", world.Texts("$snapshot | Get-MailboxDelegation complaints@halden.example | ForEach-Object DelegateAddress"));
        Assert.Contains("AliasAdded finn.aho@halden.example complaints@halden.example", world.Changes());
    }

    [Fact]
    public void T10_Groups_in_groups_become_their_people_and_loops_end()
    {
        using var world = new World();
        world.ReadAndPlan();
        var trails = world.Texts("$snapshot | Get-MailboxDelegation purchasing@halden.example | ForEach-Object { $_.Trail -join ' > ' }");
        Assert.Equal(
            [
                "Purchasing All > lotte.bruun@halden.example", "Purchasing All > Purchasing North > mads.holm@halden.example",
                "Purchasing All > Purchasing North > Purchasing Leads > nora.weiss@halden.example",
            ],
            trails.OrderBy(trail => trail.Length));
        Assert.Equal(3, world.Changes().Count(change => change.EndsWith(" purchasing@halden.example", StringComparison.Ordinal)));
        var groups = world.Texts("Get-Recipient -ResultSize Unlimited | Where-Object RecipientTypeDetails -like *Group | ForEach-Object PrimarySmtpAddress").ToHashSet();
        Assert.Contains("purchasing.leads@halden.example", groups);
        Assert.DoesNotContain(world.Texts("$snapshot | Get-MailboxDelegation | ForEach-Object DelegateAddress"), groups.Contains);
    }

    [Fact]
    public void T11_Other_kinds_of_group_are_told_and_not_lost_in_silence()
    {
        using var world = new World();
        world.ReadAndPlan();
        var told = world.Texts("$plan.Finding | Where-Object Code -eq GroupWithoutRights | ForEach-Object { \"$($_.Mailbox) $($_.Subject)\" }");
        Assert.Equal(["berlin@halden.example All Berlin", "newsletter@halden.example Newsletter Readers", "newsroom@halden.example Project Harvest"], told.Order(StringComparer.Ordinal));
        foreach (var (mailbox, direct) in new[] { ("berlin", "will.adams"), ("newsletter", "xenia.popa"), ("newsroom", "vera.nagy") })
        {
            Assert.Equal([$"{direct}@halden.example"], world.Texts($"$snapshot | Get-MailboxDelegation {mailbox}@halden.example | ForEach-Object DelegateAddress"));
        }
    }

    [Fact]
    public void T11_With_ExpandGroup_All_their_people_are_read_by_the_command_of_each_kind()
    {
        using var world = new World();
        world.Read("-ExpandGroup All");
        foreach (var (mailbox, command) in new[] { ("berlin", "Get-DynamicDistributionGroupMember"), ("newsletter", "Get-DistributionGroupMember"), ("newsroom", "Get-UnifiedGroupLinks") })
        {
            Assert.NotEmpty(world.Texts($"Get-ExchangeStandInCall -Command {command}"));
            Assert.True(world.Texts($"$snapshot | Get-MailboxDelegation {mailbox}@halden.example -ExpandGroup All").Length > 1, mailbox);
        }
    }

    [Fact]
    public void T13_A_delegate_is_found_by_whatever_names_the_person()
    {
        using var world = new World();
        world.ReadAndPlan();
        var changes = world.Changes();
        Assert.Contains("AliasAdded marta.lindqvist@halden.example ar@halden.example", changes); // the row has her UPN, which is no address
        Assert.Contains("AliasAdded karl.voss@halden.example complaints@halden.example", changes); // ESG knows him by username only
        Assert.Contains("AliasAdded petra.sund@halden.example labels@halden.example", changes); // the row has a directory id
        Assert.Contains("AliasAdded ivo.brandt@halden.example orders@halden.example", changes); // in other letters
        Assert.Contains("AliasAdded otto.onprem@halden.example partners@halden.example", changes); // a mail user
    }

    [Fact]
    public void T13_A_secondary_address_names_nobody_and_two_users_are_not_guessed_between()
    {
        using var world = new World();
        world.ReadAndPlan();
        Assert.DoesNotContain(world.Changes(), change => change.Contains("visitors@", StringComparison.Ordinal) || change.Contains("fleet@", StringComparison.Ordinal));
        Assert.Contains("frontdesk.assistant@halden.example", Assert.Single(world.Texts("$plan.Finding | Where-Object Subject -eq dina.kraus@halden.example | ForEach-Object Text")), StringComparison.Ordinal);
        Assert.Contains("nhaddad@halden.example", Assert.Single(world.Texts("$plan.Finding | Where-Object Code -eq AmbiguousEsgUser | ForEach-Object Text")), StringComparison.Ordinal);
    }

    [Fact]
    public void T19_Every_address_of_the_mailbox_that_its_functional_user_holds_is_mapped()
    {
        using var world = new World();
        world.ReadAndPlan();
        string[] Added(string username) => [.. world.Changes().Where(change => change.StartsWith($"AliasAdded {username}@halden.example ", StringComparison.Ordinal)).Select(change => change.Split(' ')[2])];
        string[] support = ["helpdesk@halden.example", "it-support@halden.example", "support@halden.example"];
        Assert.Equal(support, Added("ole.dahl"));
        Assert.Equal(support, Added("pia.ross"));
        Assert.Equal(["nord@halden.example", "nord@haldenfoods.onmicrosoft.com"], Added("leo.hansen"));

        world.Plan("-AliasScope Primary");
        Assert.Equal(["support@halden.example"], Added("ole.dahl"));

        // All: also what nobody at ESG has yet, but no onmicrosoft.com address that ESG does not know.
        world.Plan("-AliasScope All");
        Assert.Equal([support[0], "hotline@halden.example", .. support[1..]], Added("ole.dahl"));
    }
}
