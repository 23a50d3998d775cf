using System.Diagnostics;
using System.Xml;
using System.Xml.Linq;
using System.Xml.Schema;

namespace ModuleTests.Tasks;

/// <summary>Register-MailboxSyncTask: what systemd and Windows would run, its log, its exit codes, and who may not run it.</summary>
public sealed class RegisterTaskTests : IDisposable
{
    private static readonly XNamespace Schema = "http://schemas.microsoft.com/windows/2004/02/mit/task";

    private readonly TaskWorld _world = new();

    public RegisterTaskTests()
    {
        _world.World.Read();
        _world.Configure("""{ "options": { "path": ["snapshot.jsonl"] } }""");
        Session["configuration"] = _world.ConfigurationPath;
        // A path that every kind of quoting has to deal with.
        Session["folder"] = Folder;
        Session["powershell"] = HostProcess.Program;
    }

    private Session Session => _world.Session;

    private string Folder => Path.Combine(_world.World.Folder, "it's 100% \"task\" $HOME");

    private string Log => Path.Combine(Folder, "EsgMailboxSync-corp.log");

    public void Dispose() => _world.Dispose();

    [Fact]
    public void The_service_of_systemd_runs_ends_with_the_exit_code_and_logs_what_it_did()
    {
        var task = Register();
        Assert.False((bool)task.Registered);
        Assert.Equal(0, Run(task));
        Assert.Contains("info@corp.example", _world.World.Simulator.Addresses("ann@corp.example"));
        var log = File.ReadAllLines(Log);
        Assert.All(log, line => Assert.Matches(@"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ ", line));
        Assert.EndsWith("Begins.", log[0], StringComparison.Ordinal);
        Assert.Contains(log, line => line.Contains("2 actions applied", StringComparison.Ordinal));
        Assert.EndsWith("Ends with exit code 0.", log[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "options": { "path": ["nothing.jsonl"] } }""", 1, "nothing.jsonl")]
    [InlineData("""{ "options": { "path": ["snapshot.jsonl"], "functionalUser": "Sometimes" } }""", 1, "line ")]
    public void A_task_that_cannot_run_ends_with_1_and_its_log_says_why(string configuration, int exitCode, string text)
    {
        var task = Register();
        _world.Configure(configuration);
        Assert.Equal(exitCode, Run(task));
        Assert.Contains(text, File.ReadAllText(Log), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_the_module_the_process_ends_with_1_and_its_log_says_why()
    {
        var copy = Path.Combine(_world.World.Folder, "modules", "EsgMailboxSync", Path.GetFileName(TestPaths.ModuleFolder));
        Copy(TestPaths.ModuleFolder, copy);
        string script;
        using (var registering = new HostProcess($"Import-Module '{copy}/EsgMailboxSync.psd1' -Force; $null = Register-MailboxSyncTask '{_world.ConfigurationPath}' -Scheduler Systemd -NoRegistration -Path '{_world.World.Folder}' -PowerShellPath '{HostProcess.Program}'", _world.World.Folder, bare: true))
        {
            Assert.True(registering.WaitForExit() == 0, registering.Output);
            script = Path.Combine(_world.World.Folder, "EsgMailboxSync-corp.ps1");
        }

        // The folder of all versions is named, so that a newer one is taken without registering again.
        Assert.Contains($"Import-Module -Name '{Path.GetDirectoryName(copy)}'", File.ReadAllText(script), StringComparison.Ordinal);
        Assert.Equal(0, RunUnit(Path.Combine(_world.World.Folder, "EsgMailboxSync-corp.service")));
        Directory.Delete(Path.GetDirectoryName(copy)!, true);
        Assert.Equal(1, RunUnit(Path.Combine(_world.World.Folder, "EsgMailboxSync-corp.service")));
        var log = File.ReadAllLines(Path.Combine(_world.World.Folder, "EsgMailboxSync-corp.log"));
        Assert.Contains(log, line => line.Contains("Could not run: ", StringComparison.Ordinal) && line.Contains("EsgMailboxSync", StringComparison.Ordinal));
        Assert.EndsWith("Ends with exit code 1.", log[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void The_log_is_rotated_and_only_so_many_are_kept()
    {
        var task = Register("-LogSizeKB 1 -LogCount 2");
        foreach (var run in Enumerable.Range(1, 4))
        {
            File.AppendAllText(Log, $"run {run} ".PadRight(2000, '.'));
            Assert.Equal(0, Run(task));
        }

        Assert.Equal(["", ".1", ".2"], Directory.GetFiles(Folder, "*.log*").Select(file => file[Log.Length..]).Order(StringComparer.Ordinal));
        Assert.StartsWith("run 4 ", File.ReadAllText(Log + ".1").Split('\n')[^1], StringComparison.Ordinal);
        Assert.DoesNotContain("run 2 ", File.ReadAllText(Log + ".2").Split('\n')[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_that_cannot_be_written_keeps_no_alias_from_being_right()
    {
        var task = Register("-LogPath /proc/nowhere/task.log");
        Assert.Equal(0, Run(task));
        Assert.Contains("info@corp.example", _world.World.Simulator.Addresses("ben@corp.example"));
    }

    [Fact]
    public void The_notification_becomes_a_part_of_the_script()
    {
        var told = Path.Combine(_world.World.Folder, "told.txt");
        var task = Register($"-Notification {{ param($n) [IO.File]::WriteAllText('{told}', $n.Subject + ' @LOG') }}");
        _world.Configure("""{ "options": { "path": ["nothing.jsonl"] } }""");
        Assert.Equal(1, Run(task));
        Assert.Equal("EsgMailboxSync corp: 1 failure (exit code 1) @LOG", File.ReadAllText(told));
        Assert.Contains("Notification: Sent.", File.ReadAllText(Log), StringComparison.Ordinal);
    }

    [Fact]
    public void Units_hold_account_times_and_credentials_and_systemd_itself_finds_no_fault()
    {
        var esg = _world.Esg;
        esg["passwordFrom"] = new System.Text.Json.Nodes.JsonObject { ["systemdCredential"] = "esg-password" };
        esg["proxyUserName"] = "p";
        esg["proxyPasswordFrom"] = new System.Text.Json.Nodes.JsonObject { ["environment"] = "PROXY_PASSWORD" };
        _world.Configure(esg: esg);
        Session["folder"] = _world.World.Folder;
        var task = Register("-At 03:15 -DayOfWeek Friday, Monday -Account root -Name nightly");
        var service = File.ReadAllText(Path.Combine(_world.World.Folder, "nightly.service"));
        Assert.Contains("\nUser=root\n", service, StringComparison.Ordinal);
        Assert.Contains("\nLoadCredentialEncrypted=esg-password:/etc/credstore.encrypted/esg-password\n", service, StringComparison.Ordinal);
        Assert.Contains($"\nEnvironmentFile={_world.World.Folder}/nightly.env\n", service, StringComparison.Ordinal);
        var timer = File.ReadAllText(Path.Combine(_world.World.Folder, "nightly.timer"));
        Assert.Contains("\nOnCalendar=Mon,Fri *-*-* 03:15:00\n", timer, StringComparison.Ordinal);
        Assert.Equal("Monday, Friday at 03:15", (string)task.Schedule);
        var steps = string.Join("\n", (IEnumerable<string>)task.NextStep);
        Assert.Contains("systemd-creds encrypt --name=esg-password", steps, StringComparison.Ordinal);
        Assert.Contains("PROXY_PASSWORD=", steps, StringComparison.Ordinal);
        Assert.Contains("systemctl enable --now nightly.timer", steps, StringComparison.Ordinal);
        Assert.DoesNotContain("simulator-admin", service + timer + File.ReadAllText((string)task.ScriptPath), StringComparison.Ordinal);

        Assert.SkipUnless(File.Exists("/usr/bin/systemd-analyze"), "systemd-analyze is not installed");
        using var verify = Process.Start(new ProcessStartInfo("systemd-analyze", ["verify", "--man=no", Path.Combine(_world.World.Folder, "nightly.timer")]) { RedirectStandardError = true })!;
        var said = verify.StandardError.ReadToEnd();
        verify.WaitForExit();
        Assert.True(verify.ExitCode == 0, said);
        Assert.DoesNotContain("nightly.", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "CORP\\svc", "S4U", "ScheduleByDay")]
    [InlineData("-DayOfWeek Sunday", "CORP\\gmsa$", "Password", "ScheduleByWeek")]
    [InlineData("", "NT AUTHORITY\\SYSTEM", null, "ScheduleByDay")]
    public void The_task_of_Windows_fits_its_schema_and_reads_back_as_it_was_meant(string more, string account, string? logon, string schedule)
    {
        var task = Register($"-Scheduler Windows -Account '{account}' -At 23:05 {more}", scheduler: false);
        var file = Assert.Single((IEnumerable<string>)task.DefinitionPath);
        // The scheduler reads UTF-16 with its mark.
        Assert.Equal([0xff, 0xfe], File.ReadAllBytes(file)[..2]);
        var xml = XDocument.Load(file);
        Validate(xml);
        var root = xml.Root!;
        Assert.Equal(account, root.Descendants(Schema + "UserId").Single().Value);
        Assert.Equal(logon, root.Descendants(Schema + "LogonType").SingleOrDefault()?.Value);
        Assert.Equal("2020-01-01T23:05:00", root.Descendants(Schema + "StartBoundary").Single().Value);
        Assert.Single(root.Descendants(Schema + schedule));
        Assert.Equal("PT0S", root.Descendants(Schema + "ExecutionTimeLimit").Single().Value);
        Assert.Equal(HostProcess.Program, root.Descendants(Schema + "Command").Single().Value);
        Assert.Equal(
            ["-NoLogo", "-NoProfile", "-NonInteractive", "-ExecutionPolicy", "RemoteSigned", "-File", (string)task.ScriptPath],
            CommandWords.OfWindows(root.Descendants(Schema + "Arguments").Single().Value));
    }

    [Fact]
    public void The_schema_of_the_tests_refuses_what_is_no_task()
    {
        var task = Register("-Scheduler Windows -Account svc", scheduler: false);
        var xml = XDocument.Load(Assert.Single((IEnumerable<string>)task.DefinitionPath));
        xml.Root!.Descendants(Schema + "ExecutionTimeLimit").Single().Value = "for ever";
        Assert.Throws<XmlSchemaValidationException>(() => Validate(xml));
    }

    [Theory]
    [InlineData("a b", "\"a b\"")]
    [InlineData("", "\"\"")]
    [InlineData("a\"b\\", "\"a\\\"b\\\\\"")]
    [InlineData("C:\\x\\", "C:\\x\\")]
    public void Words_that_are_split_by_the_tests_are_the_words_that_were_quoted(string word, string line) => Assert.Equal([word], CommandWords.OfWindows(line));

    [Fact]
    public void Another_account_than_the_owner_of_the_state_file_is_refused_and_the_owner_is_taken()
    {
        Assert.Equal(0, _world.Sync().ExitCode);
        var error = Session.Run(Command("-Account nobody")).Error;
        Assert.StartsWith("TaskAccountUnfit,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(Environment.UserName, $"{error}", StringComparison.Ordinal);
        Assert.Equal(Environment.UserName, (string)Register().Account);
    }

    [Theory]
    [InlineData("-Account a -Credential ([pscredential]::new('b', [securestring]::new()))", "AccountContradiction")]
    [InlineData("-Path /proc/nowhere", "TaskNotWritten")]
    public void What_does_not_fit_is_refused(string more, string code) =>
        Assert.StartsWith(code + ",", Session.Run(Command(more)).Error.FullyQualifiedErrorId, StringComparison.Ordinal);

    [Fact]
    public void A_place_of_secrets_that_the_scheduler_cannot_read_is_refused()
    {
        foreach (var (source, scheduler) in new[] { ("dpapiFile", "Systemd"), ("systemdCredential", "Windows") })
        {
            var esg = _world.Esg;
            esg["passwordFrom"] = new System.Text.Json.Nodes.JsonObject { [source] = "x" };
            _world.Configure(esg: esg);
            Assert.StartsWith("SecretUnfit,", Session.Run($"Register-MailboxSyncTask $configuration -NoRegistration -Path $folder -Scheduler {scheduler} -PowerShellPath $powershell").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Registering_again_replaces_its_own_files_and_never_those_of_others()
    {
        Register();
        Assert.Equal("daily at 04:00", (string)Register("-At 04:00").Schedule);
        var script = Path.Combine(Folder, "EsgMailboxSync-corp.ps1");
        File.WriteAllText(script, "'mine'");
        Assert.StartsWith("TaskFileExists,", Session.Run(Command()).Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("'mine'", File.ReadAllText(script));
    }

    [Fact]
    public void Where_there_is_no_such_scheduler_nothing_is_written()
    {
        var scheduler = OperatingSystem.IsWindows() ? "Systemd" : "Windows";
        var result = Session.Run($"Register-MailboxSyncTask $configuration -Scheduler {scheduler} -Path $folder -PowerShellPath $powershell -Confirm:$false");
        Assert.StartsWith("SchedulerMissing,", result.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Folder));
        Assert.Empty(Session.RunWell($"Register-MailboxSyncTask $configuration -Scheduler {scheduler} -Path $folder -PowerShellPath $powershell -WhatIf").Output);
    }

    private static string Command(string more = "", bool scheduler = true) =>
        "Register-MailboxSyncTask -ConfigurationPath $configuration -NoRegistration -PowerShellPath $powershell -Confirm:$false "
        + (more.Contains("-Path", StringComparison.Ordinal) ? "" : "-Path $folder ") + (scheduler ? "-Scheduler Systemd " : "") + more;

    private dynamic Register(string more = "", bool scheduler = true) => Session.RunWell(Command(more, scheduler)).Single;

    private static int Run(dynamic task) => RunUnit(((IEnumerable<string>)task.DefinitionPath).First());

    /// <summary>Runs the ExecStart= line of a service as systemd would: its words, without a shell, in its folder.</summary>
    private static int RunUnit(string service)
    {
        var lines = File.ReadAllLines(service);
        var words = CommandWords.OfSystemd(lines.Single(line => line.StartsWith("ExecStart=", StringComparison.Ordinal))["ExecStart=".Length..]);
        var folder = lines.Single(line => line.StartsWith("WorkingDirectory=", StringComparison.Ordinal))["WorkingDirectory=".Length..].Replace("%%", "%", StringComparison.Ordinal);
        using var process = Process.Start(new ProcessStartInfo(words[0], words[1..]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true })!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        process.StandardError.ReadToEnd();
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(90)), "the task did not end");
        _ = output.Result;
        return process.ExitCode;
    }

    private static void Validate(XDocument xml)
    {
        var schemas = new XmlSchemaSet();
        schemas.Add(Schema.NamespaceName, TestPaths.In("tests", "module", "Tasks", "task.xsd"));
        xml.Validate(schemas, (_, e) => throw new XmlSchemaValidationException(e.Message));
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}
