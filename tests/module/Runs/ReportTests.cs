using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ModuleTests.Runs;

/// <summary>Export-MailboxSyncReport: what a manager reads a year later.</summary>
public sealed class ReportTests
{
    [Fact]
    public void The_report_of_a_run_tells_who_gained_what_and_what_its_plan_left_alone()
    {
        using var world = Applied();
        var file = Assert.IsType<FileInfo>(Report(world, "$run | Export-MailboxSyncReport -Path \"$reports/run.html\"").Single());
        var page = File.ReadAllText(file.FullName);
        Assert.StartsWith("<!doctype html>", page, StringComparison.Ordinal);
        Assert.Contains("<h1>Run 1 at corp</h1>", page, StringComparison.Ordinal);
        Assert.All(["changes", "people", "mailboxes", "left-alone", "findings", "guards", "slowest"], part => Assert.Contains($"<section id=\"{part}\"", page, StringComparison.Ordinal));

        var report = Json(world, "$run");
        var changes = report.GetProperty("changes").EnumerateArray().ToArray();
        Assert.Equal(world.Changes(), changes.Select(one => $"{one.GetProperty("kind")} {one.GetProperty("user")} {one.GetProperty("address")}").Order(StringComparer.Ordinal));
        Assert.All(changes, one => Assert.NotEmpty(one.GetProperty("reason").GetString()!));
        Assert.Contains(changes, one => one.GetProperty("trail").GetArrayLength() > 1);
        Assert.Equal(world.Texts("$plan.LeftAlone.Code"), report.GetProperty("leftAlone").EnumerateArray().Select(one => one.GetProperty("code").GetString()));
        Assert.Equal(world.Texts("$plan.Finding.Advice"), report.GetProperty("findings").EnumerateArray().Select(one => one.TryGetProperty("advice", out var advice) ? advice.GetString() : ""));
        Assert.Equal(world.Texts("$plan.Guard.Kind"), report.GetProperty("guards").EnumerateArray().Select(one => one.GetProperty("kind").GetString()));
        Assert.True(report.GetProperty("timings").GetProperty("writes").GetInt32() > 0);
    }

    /// <summary>Unknown is not empty: a history that does not keep what was left alone must not say that nothing was.</summary>
    [Fact]
    public void A_run_of_the_history_needs_no_connection_and_tells_more_with_its_plan()
    {
        using var world = Applied();
        world.Session.RunWell("Disconnect-Esg -Target corp");
        var bare = Json(world, "1", "-StatePath $esgState -Target corp");
        Assert.True(bare.GetProperty("changes").GetArrayLength() > 0);
        Assert.False(bare.TryGetProperty("leftAlone", out _));
        Assert.Contains("-Plan", bare.GetProperty("notes")[0].GetString(), StringComparison.Ordinal);

        var whole = Json(world, "(Get-MailboxSyncRun -StatePath $esgState -Target corp)", "-Plan $planPath");
        Assert.Equal(bare.GetProperty("changes").GetRawText(), whole.GetProperty("changes").GetRawText());
        Assert.True(whole.GetProperty("leftAlone").GetArrayLength() > 0);
        Assert.Equal(0, whole.GetProperty("notes").GetArrayLength());

        Fails(world, "RunUnknown", "77 | Export-MailboxSyncReport -Path \"$reports/77.html\" -StatePath $esgState");
        Assert.False(File.Exists(Path.Combine(world.Folder, "reports", "77.html")));
    }

    [Fact]
    public void What_a_run_did_not_come_to_is_told_as_that()
    {
        using var world = World();
        world.ReadAndPlan("-FunctionalUser Remove");
        world.Apply("-First 1");
        var outcomes = Json(world, "$run").GetProperty("changes").EnumerateArray().Select(one => one.GetProperty("outcome").GetString()).ToArray();
        Assert.Equal(world.Changes().Length, outcomes.Length);
        Assert.Contains("Applied", outcomes);
        Assert.Contains("NotStarted", outcomes);

        world.Apply();
        outcomes = [.. Json(world, "$run").GetProperty("changes").EnumerateArray().Select(one => one.GetProperty("outcome").GetString())];
        Assert.Contains("DoneBefore", outcomes);
        Assert.DoesNotContain("NotStarted", outcomes);

        // Another plan is not the plan of this run.
        world.Plan("-Path $planPath");
        Fails(world, "PlanOfAnotherRun", "1 | Export-MailboxSyncReport -Path \"$reports/other.html\" -Plan $planPath");
        Fails(world, "PlanWithoutRun", "$plan | Export-MailboxSyncReport -Path \"$reports/other.html\" -Plan $planPath");
    }

    [Fact]
    public void Plans_snapshots_results_and_their_files_are_told_and_said_apart()
    {
        using var world = Applied();
        Assert.Equal("Plan", Subject("$plan"));
        Assert.Equal("Plan", Subject("$planPath"));
        Assert.Equal("Snapshot", Subject("$snapshot"));
        Assert.Equal("Snapshot", Subject("$snapshotPath"));
        Assert.Equal("Snapshot", Subject("(Get-Item $snapshotPath)"));
        Assert.Equal("Run", Subject("(Sync-EsgSharedMailbox -Path $snapshotPath -Confirm:$false)"));
        Assert.Equal("Plan", Subject("(Sync-EsgSharedMailbox -Path $snapshotPath -WhatIf)"));
        var delegations = Json(world, "$snapshot").GetProperty("delegations");
        Assert.Equal(world.Texts("$snapshot | Get-MailboxDelegation").Length, delegations.GetArrayLength());

        string Subject(string input) => Json(world, input).GetProperty("subject").GetString()!;
    }

    [Fact]
    public void Several_reports_go_into_a_folder_and_nothing_is_replaced_unless_told()
    {
        using var world = Applied();
        world.Apply();
        Assert.Equal(["corp-run-2.html", "corp-run-1.html"], Report(world, "Get-MailboxSyncRun | Export-MailboxSyncReport -Path $reports").Select(file => ((FileInfo)file).Name));
        Fails(world, "FileExists", "1 | Export-MailboxSyncReport $reports -Target corp");
        var before = File.ReadAllText(Path.Combine(world.Folder, "reports", "corp-run-1.html"));
        Assert.Empty(world.Session.RunWell("1 | Export-MailboxSyncReport $reports -Target corp -Force -Plan $planPath -WhatIf").Output);
        Assert.Equal(before, File.ReadAllText(Path.Combine(world.Folder, "reports", "corp-run-1.html")));
        Report(world, "1 | Export-MailboxSyncReport $reports -Target corp -Force -Plan $planPath");
        Assert.NotEqual(before, File.ReadAllText(Path.Combine(world.Folder, "reports", "corp-run-1.html")));

        Fails(world, "SeveralReports", "Get-MailboxSyncRun | Export-MailboxSyncReport -Path \"$reports/one.html\"");
        Assert.True(File.Exists(Path.Combine(world.Folder, "reports", "one.html")));
        Assert.Empty(Directory.GetFiles(Path.Combine(world.Folder, "reports"), "*.partial"));
    }

    [Theory]
    [InlineData("FormatUnknown", "-Path \"$reports/run.pdf\"")]
    [InlineData("PathNotFound", "-Path \"$reports/none/run.html\"")]
    [InlineData("UseCultureWithoutCsv", "-Path \"$reports/run.html\" -UseCulture")]
    [InlineData("PlanInvalid", "-Path \"$reports/run.html\" -Plan 12")]
    [InlineData("InputInvalid", "-Path \"$reports/run.html\" -InputObject @{}")]
    [InlineData("PlanUnreadable", "-Path \"$reports/run.html\" -InputObject \"$reports/none.json\"")]
    public void What_is_wrong_is_one_clear_error(string code, string arguments)
    {
        using var session = new Session();
        var folder = Directory.CreateTempSubdirectory("esgmailboxsync-").FullName;
        session["reports"] = folder;
        var input = arguments.Contains("-InputObject", StringComparison.Ordinal) ? "" : "-InputObject 1";
        var error = session.Run($"Export-MailboxSyncReport {arguments} {input}").Error;
        Assert.StartsWith(code + ",", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
        Assert.Empty(Directory.GetFileSystemEntries(folder));
        Directory.Delete(folder);
    }

    [Fact]
    public void A_display_name_is_neither_markup_nor_a_formula()
    {
        const string Markup = "</script><img src=x onerror=alert(1)>";
        const string Formula = "=cmd|' /C calc'!A0";
        using var world = new World("small", connect: false);
        var rows = File.ReadAllText(TestPaths.Tenant("small", "snapshot.jsonl"));
        var names = rows.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0).Select(line => JsonDocument.Parse(line).RootElement)
            .Where(row => row.GetProperty("kind").GetString() == "recipient").Select(row => row.GetProperty("displayName").GetString()!).Distinct().ToArray();
        foreach (var (name, at) in names.Select((name, at) => (name, at)))
        {
            rows = rows.Replace($"\"displayName\": \"{name}\"", $"\"displayName\": {JsonSerializer.Serialize(at % 2 == 0 ? Markup : Formula)}", StringComparison.Ordinal);
        }

        world.Session["hostile"] = Path.Combine(world.Folder, "hostile.jsonl");
        File.WriteAllText(Path.Combine(world.Folder, "hostile.jsonl"), rows);
        var page = File.ReadAllText(((FileInfo)Report(world, "Export-MailboxSyncReport \"$reports/hostile.html\" $hostile").Single()).FullName);
        Assert.Contains("&#60;img src=x", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", page, StringComparison.Ordinal);
        Assert.Equal(2, page.Split("</script>").Length - 1);

        world.Session.RunWell("[Threading.Thread]::CurrentThread.CurrentCulture = [Globalization.CultureInfo]::InvariantCulture");
        var bytes = File.ReadAllBytes(((FileInfo)Report(world, "Export-MailboxSyncReport \"$reports/hostile.csv\" $hostile").Single()).FullName);
        Assert.Equal(Encoding.UTF8.Preamble.ToArray(), bytes[..3]);
        var sheet = Encoding.UTF8.GetString(bytes[3..]);
        Assert.StartsWith("\"Section\",\"Outcome\",", sheet, StringComparison.Ordinal);
        Assert.Contains("\"'" + Formula + "\"", sheet, StringComparison.Ordinal);
        Assert.DoesNotContain("\"=", sheet, StringComparison.Ordinal);
    }

    [Fact]
    public void UseCulture_separates_as_the_culture_does()
    {
        using var world = new World("small", connect: false);
        world.Session["file"] = TestPaths.Tenant("small", "snapshot.jsonl");
        var sheet = Report(world, """
            $before = [Globalization.CultureInfo]::CurrentCulture
            try {
                [Globalization.CultureInfo]::CurrentCulture = [Globalization.CultureInfo]::GetCultureInfo('de-AT')
                Export-MailboxSyncReport -Path "$reports/people.csv" -InputObject $file -UseCulture
            }
            finally { [Globalization.CultureInfo]::CurrentCulture = $before }
            """);
        var separator = CultureInfo.GetCultureInfo("de-AT").TextInfo.ListSeparator;
        Assert.Equal(";", separator);
        Assert.StartsWith("\"Section\";\"Outcome\";", File.ReadAllText(((FileInfo)sheet.Single()).FullName), StringComparison.Ordinal);
    }

    private static World World()
    {
        var world = new World("small");
        world.Session["planPath"] = world.PlanPath;
        return world;
    }

    /// <summary>A small tenant, its plan in <c>$plan</c> and in <c>$planPath</c>, applied as <c>$run</c>.</summary>
    private static World Applied()
    {
        var world = World();
        world.Read();
        world.Plan("-Path $planPath");
        Assert.Empty(world.Apply().Errors);
        return world;
    }

    /// <summary>What a script wrote, with <c>$reports</c> as a folder that is there.</summary>
    private static object[] Report(World world, string script)
    {
        world.Session["reports"] = Directory.CreateDirectory(Path.Combine(world.Folder, "reports")).FullName;
        return [.. world.Session.RunWell(script).Output.Select(file => file.BaseObject)];
    }

    private static JsonElement Json(World world, string input, string more = "")
    {
        var file = (FileInfo)Report(world, $"{input} | Export-MailboxSyncReport -Path \"$reports/report.json\" -Force {more}").Single();
        return JsonDocument.Parse(File.ReadAllText(file.FullName)).RootElement;
    }

    private static void Fails(World world, string code, string script)
    {
        world.Session["reports"] = Directory.CreateDirectory(Path.Combine(world.Folder, "reports")).FullName;
        Assert.StartsWith(code + ",", world.Session.Run(script).Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }
}
