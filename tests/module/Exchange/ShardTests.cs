using static ModuleTests.Exchange.LongRead;

namespace ModuleTests.Exchange;

/// <summary>Several sessions read parts of a tenant that import as one (design 4).</summary>
public sealed class ShardTests
{
    [Fact]
    public void Three_shards_read_each_mailbox_once_and_are_the_whole_tenant()
    {
        using var exchange = Tenant(60);
        var unbroken = Unbroken(exchange);
        exchange.Session.RunWell("$calls.Clear()");
        var counts = Enumerable.Range(1, 3).Select(index =>
        {
            var shard = exchange.Session.RunWell($"Export-MailboxDelegation -Path \"$path-{index}\" -Shard {index}/3").Single;
            Assert.False((bool)shard.Whole);
            return (long)shard.Mailboxes;
        }).ToArray();
        Assert.Equal(60, counts.Sum());
        Assert.All(counts, count => Assert.InRange(count, 10, 30));
        Assert.Equal(Enumerable.Range(1, 60).Select(Guid).Order(StringComparer.Ordinal), Asked(exchange).Order(StringComparer.Ordinal));

        var all = exchange.Session.RunWell("$all = Import-MailboxDelegation \"$path-?\"; $all").Single;
        Assert.True((bool)all.Whole && (bool)all.Complete);
        Assert.Equal(60L, all.Mailboxes);
        Assert.False((bool)exchange.Session.RunWell("Import-MailboxDelegation \"$path-1\", \"$path-3\"").Single.Whole);
        // The same people have the same mailboxes as in one read.
        var expected = unbroken.Where(line => line.Contains("\"kind\":\"permission\"", StringComparison.Ordinal));
        var lines = Enumerable.Range(1, 3).SelectMany(index => Lines(exchange, $"-{index}")).Where(line => line.Contains("\"kind\":\"permission\"", StringComparison.Ordinal));
        Assert.Equal(expected, lines.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_shard_may_be_empty_and_the_others_are_the_whole_tenant_only_with_it()
    {
        using var exchange = Tenant(1);
        var snapshots = Enumerable.Range(1, 3).Select(index => (long)exchange.Session.RunWell($"Export-MailboxDelegation -Path \"$path-{index}\" -Shard {index}/3").Single.Mailboxes).ToArray();
        Assert.Equal([0L, 0L, 1L], snapshots.Order());
        Assert.True((bool)exchange.Session.RunWell("Import-MailboxDelegation \"$path-?\"").Single.Whole);
        exchange.Define("Get-Mailbox", "");
        Assert.StartsWith("NoMailbox,", exchange.Export("-Shard 1/3").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void Soft_deleted_mailboxes_that_each_shard_lists_count_once()
    {
        using var exchange = Tenant(6);
        exchange.Define(
            "Get-Mailbox",
            $"if ($SoftDeletedMailbox) {{ foreach ($n in 1, 2) {{ [pscustomobject]@{{ Guid = [guid]\"dddddddd-0000-4000-8000-00000000000$n\"; Name = \"old$n\"; EmailAddresses = @(\"SMTP:old$n@corp.example\"); RecipientTypeDetails = 'SharedMailbox' }} }}; return }} if ($InactiveMailboxOnly) {{ return }} {Mailboxes(1, 6)}",
            "$Identity, $ResultSize, $RecipientTypeDetails, [switch]$SoftDeletedMailbox, [switch]$InactiveMailboxOnly");
        var shards = Enumerable.Range(1, 2).Select(index => exchange.Session.RunWell($"Export-MailboxDelegation -Path \"$path-{index}\" -Shard {index}/2").Single).ToArray();
        Assert.All(shards, shard => Assert.Equal(2L, shard.SoftDeletedMailboxes));
        var all = exchange.Session.RunWell("Import-MailboxDelegation \"$path-?\"").Single;
        Assert.Equal((true, 6L, 2L), ((bool)all.Whole, (long)all.Mailboxes, (long)all.SoftDeletedMailboxes));
        Assert.Empty((IEnumerable<object>)all.Incomplete);
    }

    [Fact]
    public void Soft_deleted_mailboxes_that_one_shard_could_not_list_prove_nothing()
    {
        using var exchange = Tenant(4);
        exchange.Define("Get-Mailbox", $"if ($SoftDeletedMailbox -or $InactiveMailboxOnly) {{ return }} {Mailboxes(1, 4)}", "$Identity, $ResultSize, $RecipientTypeDetails, [switch]$SoftDeletedMailbox, [switch]$InactiveMailboxOnly");
        exchange.Session.RunWell("$null = Export-MailboxDelegation -Path \"$path-1\" -Shard 1/2");
        exchange.Define("Get-Mailbox", $"if ($SoftDeletedMailbox) {{ throw 'not today' }} if ($InactiveMailboxOnly) {{ return }} {Mailboxes(1, 4)}", "$Identity, $ResultSize, $RecipientTypeDetails, [switch]$SoftDeletedMailbox, [switch]$InactiveMailboxOnly");
        exchange.Session.RunWell("$null = Export-MailboxDelegation -Path \"$path-2\" -Shard 2/2 -WarningAction SilentlyContinue");
        var all = exchange.Session.RunWell("Import-MailboxDelegation \"$path-?\"").Single;
        Assert.Contains("softDeleted", Assert.Single((IEnumerable<object>)all.Incomplete).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0/3")]
    [InlineData("4/3")]
    [InlineData("1")]
    [InlineData("1/2/3")]
    [InlineData("-1/3")]
    [InlineData("a/b")]
    [InlineData("1/101")]
    public void What_names_no_shard_is_refused(string shard)
    {
        using var exchange = Tenant(1);
        var error = exchange.Export($"-Shard '{shard}'").Error;
        Assert.StartsWith("ShardInvalid,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("1/3, 2/3 and 3/3", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Empty(exchange.Calls);
    }
}
