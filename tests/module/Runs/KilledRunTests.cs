namespace ModuleTests.Runs;

/// <summary>The process that applies a plan is killed in the middle; the same command with the same plan finishes it (design 8).</summary>
public sealed class KilledRunTests
{
    [Theory]
    [InlineData("PATCH", 1)] // the first one goes alone
    [InlineData("PATCH", 6)]
    [InlineData("DELETE", 2)]
    public void The_same_plan_finishes_a_run_that_was_killed(string method, int count)
    {
        using var company = Office.Company();
        using var world = new World(company.Save(), ["--latency-ms", "150"]);
        world.Read();
        world.Session["planPath"] = world.PlanPath;
        world.Plan("-FunctionalUser Remove -Path $planPath");

        using (var host = new HostProcess(
            $$"""
            $credential = [pscredential]::new('admin', (ConvertTo-SecureString 'simulator-admin' -AsPlainText -Force))
            $null = Connect-Esg -Name corp -Uri {{world.Simulator.Uri}} -Credential $credential -AllowHttp -StatePath '{{world.StatePath}}'
            Invoke-MailboxSyncPlan -Path '{{world.PlanPath}}' {{Office.Expect}} -Confirm:$false
            """,
            world.Folder))
        {
            var limit = DateTime.UtcNow.AddSeconds(60);
            while (world.Simulator.Count(method) < count)
            {
                Assert.False(host.HasExited, "the run ended before it was killed: " + (host.HasExited ? host.Output : ""));
                Assert.True(DateTime.UtcNow < limit, "the moment to kill did not come");
            }

            host.Kill();
        }

        var written = world.Simulator.Written.Length;
        Assert.InRange(written, count, (2 * Office.People) - 1);

        var result = world.Session.Run($"$run = Invoke-MailboxSyncPlan -Path $planPath {Office.Expect} -Confirm:$false; $run");
        Assert.Empty(result.Errors);
        Assert.Equal(0, result.Single.ExitCode);
        Office.AssertEnd(world.Simulator, removed: true);
        // Whatever the appliance took from the killed process was seen, and not sent again.
        Assert.Equal(2 * Office.People, (int)world.Simulator.Counts["changes"]!);
        Assert.All(Office.Written(world.Simulator), call => Assert.Equal(1, call.Value));

        world.Read();
        world.Plan("-FunctionalUser Remove");
        Assert.Empty(world.Changes());
        // What the killed process had added counts as ours: without delegates it is stale.
        Assert.Equal(24L, world.Session.RunWell("$plan").Single.AliasesInPlace);
        Assert.Equal(0L, world.Session.RunWell("$plan").Single.AliasesAdoptable);
    }
}
