namespace ModuleTests.Runs;

/// <summary>A company for runs that go wrong: twelve people with two shared mailboxes each, all twelve functional users removable with <c>-Expect</c>.</summary>
internal static class Office
{
    public const int People = 12;

    public const string Expect = "-Expect @{ FunctionalUserRemoved = 12 }";

    public static Company Company()
    {
        var company = new Company();
        foreach (var i in Enumerable.Range(1, People))
        {
            company.Person($"person{i}");
        }

        foreach (var i in Enumerable.Range(1, People))
        {
            company.Mailbox($"box{i}", $"person{i}", $"person{(i % People) + 1}");
        }

        return company;
    }

    /// <summary>Everybody has both addresses, once, and the functional users are there or gone.</summary>
    public static void AssertEnd(Simulator simulator, bool removed)
    {
        foreach (var i in Enumerable.Range(1, People))
        {
            var before = ((i + People - 2) % People) + 1;
            Assert.Equal(
                new[] { $"person{i}@corp.example", $"box{i}@corp.example", $"box{before}@corp.example" }.Order(),
                simulator.Addresses($"person{i}@corp.example").Order());
            Assert.Equal(!removed, simulator.HasUser($"box{i}"));
        }
    }

    /// <summary>How often each user was written to, as <c>PATCH /api/v2/user/1001</c>.</summary>
    public static IEnumerable<KeyValuePair<string, int>> Written(Simulator simulator) => simulator.Written.CountBy(call => call);
}
