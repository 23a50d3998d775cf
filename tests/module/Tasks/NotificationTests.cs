using System.Text.Json;

namespace ModuleTests.Tasks;

/// <summary>Somebody is told of findings, guards and failures: by a script block, a script or a mail command, and of the same once.</summary>
public sealed class NotificationTests : IDisposable
{
    private readonly TaskWorld _world = new();

    public NotificationTests()
    {
        _world.Session.RunWell("$global:told = [Collections.Generic.List[string]]::new()");
        // What was told last is kept beside the state file, so there is one.
        Assert.Equal(0, (int)_world.Sync().ExitCode);
    }

    private string Mail => Path.Combine(_world.World.Folder, "mail.txt");

    private Simulator Simulator => _world.World.Simulator;

    public void Dispose() => _world.Dispose();

    [Fact]
    public void A_script_block_is_told_once_of_the_same_and_again_when_it_changes_or_comes_back()
    {
        Break();
        Assert.Equal("Sent.", Sync());
        Assert.Equal("The same as last time: not sent.", Sync());
        Assert.Equal(["EsgMailboxSync corp: 1 failure (exit code 1)|Failure|1|"], Told());

        // In order again: nobody is told, and the same failure is news the next time.
        _world.Configure();
        Assert.Equal("Nothing to tell.", Sync());
        Break();
        Assert.Equal("Sent.", Sync());
        // Another failure is another thing.
        File.WriteAllText(_world.ConfigurationPath, "{ }");
        Sync();
        Assert.Equal(3, Told().Length);
    }

    [Fact]
    public void The_same_failure_is_told_once_also_before_there_is_a_folder_of_the_state()
    {
        Directory.Delete(_world.World.StatePath, true);
        // Misspelt, so that not even the state file is known.
        foreach (var broken in new[] { """{ "options": { "path": ["nothing.jsonl"] } }""", """{ "option": {} }""" })
        {
            _world.Configure(broken);
            Assert.Equal("Sent.", Sync());
            Assert.Equal("The same as last time: not sent.", Sync());
        }

        Assert.Equal(2, Told().Length);
        // That the state was lost is a finding of its own.
        _world.Configure("""{ "notification": { "script": "never.ps1", "on": ["Failure"] } }""");
        Assert.Equal("Nothing to tell.", Sync());
        Assert.Empty(Directory.GetFiles(_world.World.Folder, "*.notified", SearchOption.AllDirectories));
    }

    [Fact]
    public void A_finding_a_guard_and_a_failure_are_reasons_and_on_narrows_them()
    {
        // Ann is no user of the appliance: a finding. An expectation that does not fit: a guard.
        Simulator.Edit($$"""{"id":{{Id("ann@corp.example")}},"username":"ann.other@corp.example","emailAddresses":[{"address":"ann.other@corp.example","isPrimary":true,"isActive":true}]}""");
        Sync("-WhatIf");
        Assert.Empty(Told());
        Sync();
        Assert.Contains("|Finding|0|", Told()[^1], StringComparison.Ordinal);
        _world.Configure("""{ "notification": { "script": "never.ps1", "on": ["Guard"] } }""");
        Assert.Equal("Nothing to tell.", Sync());
        Assert.Equal("Sent.", Sync("-Expect @{ AliasAdded = 4711 }"));
        Assert.Contains("|Guard|3|", Told()[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_mail_command_gets_the_text_and_the_subject_without_any_shell()
    {
        var program = Path.Combine(_world.World.Folder, "send mail");
        File.WriteAllText(program, $"#!/bin/sh\n{{ printf '%s\\n' \"$#\" \"$2\"; cat; }} > '{Mail}'\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        var notification = $$"""{ "command": {{JsonSerializer.Serialize(program)}}, "arguments": ["-s", "{subject} $(touch x) \"quoted\"", "me@corp.example"] }""";
        _world.Configure($$"""{ "options": { "path": ["nothing.jsonl"] }, "notification": {{notification}} }""");
        var result = _world.Sync();
        Assert.Equal((1, "Sent."), ((int)result.ExitCode, (string)result.Notification));
        var lines = File.ReadAllLines(Mail);
        Assert.Equal(["3", "EsgMailboxSync corp: 1 failure (exit code 1) $(touch x) \"quoted\""], lines[..2]);
        Assert.Equal((string)result.Message, lines[2]);
        Assert.Contains("Failure", lines);

        // Sent every time when that is wanted.
        File.Delete(Mail);
        Assert.Equal("The same as last time: not sent.", (string)_world.Sync().Notification);
        _world.Configure($$"""{ "options": { "path": ["nothing.jsonl"] }, "notification": {{notification[..^2]}}, "repeat": "Always" } }""");
        Assert.Equal("Sent.", (string)_world.Sync().Notification);
        Assert.True(File.Exists(Mail));
    }

    [Fact]
    public void A_script_file_gets_the_notification_and_its_output_is_dropped()
    {
        File.WriteAllText(Path.Combine(_world.World.Folder, "tell.ps1"), $"param($notification) [IO.File]::WriteAllText('{Mail}', $notification.Text); 'dropped'");
        _world.Configure("""{ "options": { "path": ["nothing.jsonl"] }, "notification": { "script": "tell.ps1" } }""");
        Assert.Equal("Sent.", (string)_world.Sync().Notification);
        Assert.StartsWith("The snapshot", File.ReadAllText(Mail), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("""{ "script": "absent.ps1" }""", "Failed: There is no script")]
    [InlineData("""{ "command": "/bin/false" }""", "Failed: /bin/false ended with exit code 1")]
    [InlineData("""{ "command": "/nowhere/mail" }""", "Failed: ")]
    public void A_notification_that_fails_changes_no_exit_code_and_is_tried_again(string notification, string text)
    {
        _world.Configure($$"""{ "options": { "path": ["nothing.jsonl"] }, "notification": {{notification}} }""");
        for (var time = 0; time < 2; time++)
        {
            var result = _world.Sync();
            Assert.Equal(1, (int)result.ExitCode);
            Assert.StartsWith(text, (string)result.Notification, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_script_block_that_throws_is_a_notification_that_failed()
    {
        Break();
        Assert.Equal("Failed: no mail today", (string)_world.Sync("-Notification { throw 'no mail today' }").Notification);
        Assert.Equal("Sent.", Sync());
    }

    private long Id(string username) => Simulator.Users.Single(user => user.Value.Contains($"\"username\":\"{username}\"", StringComparison.Ordinal)).Key;

    private void Break() => _world.Configure("""{ "options": { "path": ["nothing.jsonl"] } }""");

    private string? Sync(string more = "")
    {
        return _world.Sync($"-Notification {{ param($n) $global:told.Add(\"$($n.Subject)|$($n.Reason -join ',')|$($n.Result.ExitCode)|\"); 'this is no output' }} {more}").Notification;
    }

    private string[] Told() => _world.World.Texts("$global:told");
}
