#:package System.Management.Automation@7.6.9
#:property PublishAot=false
#:property TreatWarningsAsErrors=true
// The PowerShell engine as a console program, for machines without PowerShell:
//   dotnet run tests/pwsh.cs [-NonInteractive] [-ShowProgress] [-File] SCRIPT [arguments]
//   dotnet run tests/pwsh.cs [-NonInteractive] [-ShowProgress] -Command TEXT
//   dotnet run tests/pwsh.cs [-ShowProgress]       asks for commands until `exit`; commands that are piped in are shown as if they were typed
// Output and information go to stdout; errors, warnings, verbose, debug and progress to stderr, so that stdout can be parsed.
// At the prompt all of it goes to stdout, in its order, as on a screen.
// Exit code: the script's own `exit N`; 0 when it ends; 1 after a terminating error (with -Command also when the last statement
// failed); 64 for a wrong command line; 130 after Ctrl+C. The engine alone has no Utility, Management and Security commands.
using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using System.Security;
using System.Text;

Console.OutputEncoding = Console.InputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
return new Session(args).Run();

/// <summary>Reads the command line, runs one pipeline, and turns its end into an exit code.</summary>
sealed class Session(string[] arguments)
{
    const int WrongUsage = 64, Stopped = 130;

    public int Run()
    {
        var words = new Queue<string>(arguments);
        bool nonInteractive = false, showProgress = false;
        while (words.TryPeek(out var option) && option.StartsWith('-'))
        {
            words.Dequeue();
            switch (option.ToLowerInvariant())
            {
                case "-noninteractive": nonInteractive = true; break;
                case "-showprogress": showProgress = true; break;
                // As the real one takes them: nothing here has a logo, a profile or a policy.
                case "-nologo" or "-noprofile": break;
                case "-executionpolicy" when words.Count > 0: words.Dequeue(); break;
                case "-file" when words.Count > 0: return Execute(new EngineHost(nonInteractive, showProgress), path: words.Dequeue(), scriptArguments: words);
                case "-command" when words.Count > 0: return Execute(new EngineHost(nonInteractive, showProgress), text: string.Join(' ', words));
                default: return Usage();
            }
        }
        if (words.Count > 0) { return Execute(new EngineHost(nonInteractive, showProgress), path: words.Dequeue(), scriptArguments: words); }
        return nonInteractive ? Usage() : Prompt(new EngineHost(nonInteractive, showProgress));
    }

    static int Usage()
    {
        Console.Error.WriteLine("usage: pwsh.cs [-NonInteractive] [-ShowProgress] SCRIPT [arguments] | -Command TEXT; without them it asks for commands");
        return WrongUsage;
    }

    static Runspace Open(EngineHost host)
    {
        var state = InitialSessionState.CreateDefault2();
        if (OperatingSystem.IsWindows()) { state.ExecutionPolicy = Microsoft.PowerShell.ExecutionPolicy.Bypass; }
        var runspace = RunspaceFactory.CreateRunspace(host, state);
        runspace.ThreadOptions = PSThreadOptions.UseCurrentThread;
        runspace.Open();
        return Runspace.DefaultRunspace = runspace;
    }

    static int Prompt(EngineHost host)
    {
        using var runspace = Open(host);
        host.Console.IsDialogue = true;
        PowerShell? running = null;
        Console.CancelKeyPress += (_, e) => { e.Cancel = !host.Console.IsReading; running?.BeginStop(null, null); };
        while (host.ExitCode is null && ReadStatement(host.Console) is { } statement)
        {
            using var shell = running = PowerShell.Create(runspace);
            shell.AddScript(statement, useLocalScope: false);
            AddOutput(shell);
            try { shell.Invoke(); }
            catch (PipelineStoppedException) { }
            catch (RuntimeException e) { ShowError(runspace, host, e.ErrorRecord); }
            finally { running = null; }
        }
        return host.ExitCode ?? 0;
    }

    /// <summary>One statement, on as many lines as it has; an empty line ends one that is not complete. Null when the input has ended.</summary>
    static string? ReadStatement(ConsoleInterface console)
    {
        for (var text = ""; ;)
        {
            if (console.ReadCommand(text.Length == 0 ? "PS> " : ">> ") is not { } line) { return null; }
            text += line + Environment.NewLine;
            Parser.ParseInput(text, out _, out var errors);
            if (line.Length == 0 || !errors.Any(error => error.IncompleteInput)) { return text; }
        }
    }

    static int Execute(EngineHost host, string? text = null, string? path = null, IEnumerable<string>? scriptArguments = null)
    {
        using var runspace = Open(host);
        using var shell = PowerShell.Create(runspace);
        // While a question waits for its answer nothing runs that could be stopped: Ctrl+C then ends the process.
        var stopped = false;
        Console.CancelKeyPress += (_, e) => { e.Cancel = !host.Console.IsReading; stopped = true; shell.BeginStop(null, null); };

        if (text is not null) { shell.AddScript(text + Environment.NewLine + "if (-not $?) { exit 1 }"); }
        else if (!AddScriptFile(shell, runspace, path!, scriptArguments!)) { return WrongUsage; }
        AddOutput(shell);
        try { shell.Invoke(); }
        catch (PipelineStoppedException) when (stopped) { }
        catch (RuntimeException e) { ShowError(runspace, host, e.ErrorRecord); return 1; }
        return stopped ? Stopped : host.ExitCode ?? 0;
    }

    /// <summary>
    /// Adds the script as a function over its file. Called by path, `exit N` would only set $LASTEXITCODE, where it could not be told
    /// from that of a native command the script ran; out of a function it reaches <see cref="PSHost.SetShouldExit"/>.
    /// </summary>
    static bool AddScriptFile(PowerShell shell, Runspace runspace, string path, IEnumerable<string> words)
    {
        path = Path.GetFullPath(path);
        if (!File.Exists(path)) { Console.Error.WriteLine($"There is no script '{path}'."); return false; }
        var ast = Parser.ParseFile(path, out _, out var errors);
        if (errors.Length > 0)
        {
            foreach (var error in errors) { Console.Error.WriteLine($"{path}:{error.Extent.StartLineNumber}: {error.Message}"); }
            return false;
        }
        var name = Path.GetFileName(path);
        runspace.SessionStateProxy.InvokeProvider.Item.Set(["function:" + name], ast.GetScriptBlock(), force: false, literalPath: true);
        shell.AddCommand(name, useLocalScope: false); // in the global scope, as `pwsh -File` runs it
        foreach (var word in words) { shell.Commands.Commands[^1].Parameters.Add(ToParameter(word)); }
        return true;
    }

    /// <summary>`-Name`, `-Name:value` or a value; the binder decides whether a name is a switch or takes the next word.</summary>
    static CommandParameter ToParameter(string word)
    {
        if (word.Length < 2 || word[0] != '-' || !(char.IsLetter(word[1]) || word[1] == '_')) { return new CommandParameter(null, word); }
        var colon = word.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || colon == word.Length - 1) { return new CommandParameter(word); }
        object value = word[(colon + 1)..];
        if ((string)value is ['$', .. var name] && bool.TryParse(name, out var flag)) { value = flag; }
        return new CommandParameter(word[..(colon + 1)], value);
    }

    /// <summary>Errors travel to the views with the output, which tell them apart and keep the order.</summary>
    static void AddOutput(PowerShell shell)
    {
        shell.AddCommand("Out-Default");
        shell.Commands.Commands[^1].MergeUnclaimedPreviousCommandResults = PipelineResultTypes.Error | PipelineResultTypes.Output;
    }

    static void ShowError(Runspace runspace, EngineHost host, ErrorRecord record)
    {
        using var shell = PowerShell.Create(runspace);
        host.Console.EverythingIsError = true;
        shell.AddCommand("Out-Default").Invoke(new[] { record });
        host.Console.EverythingIsError = false;
    }
}

sealed class EngineHost(bool nonInteractive, bool showProgress) : PSHost
{
    public int? ExitCode { get; private set; }
    public ConsoleInterface Console { get; } = new(nonInteractive, showProgress);
    public override PSHostUserInterface UI => Console;
    public override string Name => "ConsoleHost";
    public override Version Version { get; } = typeof(PSObject).Assembly.GetName().Version ?? new Version();
    public override Guid InstanceId { get; } = Guid.NewGuid();
    public override CultureInfo CurrentCulture => CultureInfo.CurrentCulture;
    public override CultureInfo CurrentUICulture => CultureInfo.CurrentUICulture;
    public override void SetShouldExit(int exitCode) => ExitCode = exitCode;
    public override void EnterNestedPrompt() => throw new HostException("This host has no nested prompt.");
    public override void ExitNestedPrompt() => throw new HostException("This host has no nested prompt.");
    public override void NotifyBeginApplication() { }
    public override void NotifyEndApplication() { }
}

/// <summary>Writes the streams and asks on the console; a question without an answer is an error, never a guess.</summary>
sealed class ConsoleInterface(bool nonInteractive, bool showProgress) : PSHostUserInterface
{
    string _lastProgress = "";

    public bool IsReading { get; private set; }
    public bool EverythingIsError { get; set; }

    /// <summary>Somebody types commands and reads what comes, all of it, in its order: nothing goes to the other stream.</summary>
    public bool IsDialogue { get; set; }
    public override PSHostRawUserInterface RawUI { get; } = new Screen();
    public override bool SupportsVirtualTerminal => !Console.IsOutputRedirected;

    public override void Write(string value)
    {
        if (EverythingIsError && !IsDialogue) { Console.Error.Write(GetOutputString(value, !Console.IsErrorRedirected)); }
        else { Console.Out.Write(GetOutputString(value, SupportsVirtualTerminal)); }
    }

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => Write(value);
    public override void WriteLine(string value) => Write(value + Environment.NewLine);
    public override void WriteErrorLine(string value) => WriteToError(value);
    public override void WriteWarningLine(string message) => WriteToError("WARNING: " + message);
    public override void WriteVerboseLine(string message) => WriteToError("VERBOSE: " + message);
    public override void WriteDebugLine(string message) => WriteToError("DEBUG: " + message);

    public override void WriteProgress(long sourceId, ProgressRecord record)
    {
        if (!showProgress) { return; }
        var state = record.RecordType == ProgressRecordType.Completed ? "completed" : record.StatusDescription;
        var percent = record.PercentComplete < 0 ? "" : $" {record.PercentComplete} %";
        var line = $"PROGRESS: {record.Activity}: {state}{percent}";
        if (line != _lastProgress) { WriteToError(_lastProgress = line); }
    }

    public override string ReadLine() => Read("input");

    /// <summary>The next line that somebody types, without its end; null when there is none.</summary>
    public string? ReadCommand(string prompt)
    {
        Console.Out.Write(prompt);
        IsReading = true;
        try
        {
            var line = Console.In.ReadLine();
            // A terminal shows what is typed; of what is piped in a reader would see the answers alone.
            if (line is null || Console.IsInputRedirected) { Console.Out.WriteLine(line); }
            return line;
        }
        finally { IsReading = false; }
    }

    public override SecureString ReadLineAsSecureString() => ReadSecret("a secret");

    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions)
    {
        ShowQuestion(caption, message);
        return descriptions.ToDictionary(field => field.Name, field => PSObject.AsPSObject(AskField(field)));
    }

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
        PromptForCredential(caption, message, userName, targetName, PSCredentialTypes.Default, PSCredentialUIOptions.Default);

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName,
        PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options)
    {
        ShowQuestion(caption, message);
        if (string.IsNullOrEmpty(userName)) { Write("User: "); userName = Read("a user name"); }
        Write($"Password for user {userName}: ");
        return new PSCredential(userName, ReadSecret("a password"));
    }

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
    {
        var keys = choices.Select(HotKey).ToList();
        var menu = string.Join("  ", choices.Select((choice, i) => $"[{keys[i]}] {choice.Label.Replace("&", "")}"));
        var preset = defaultChoice < 0 ? "" : $" (default is \"{keys[defaultChoice]}\")";
        ShowQuestion(caption, message);
        while (true)
        {
            Write($"{menu}  [?] Help{preset}: ");
            var answer = Read("the answer to: " + message).Trim();
            if (answer.Length == 0 && defaultChoice >= 0) { return defaultChoice; }
            if (answer == "?") { foreach (var (choice, key) in choices.Zip(keys)) { WriteLine($"{key} - {choice.HelpMessage}"); } }
            var found = Enumerable.Range(0, choices.Count)
                .Where(i => answer.Equals(keys[i], StringComparison.OrdinalIgnoreCase) || answer.Equals(choices[i].Label.Replace("&", ""), StringComparison.OrdinalIgnoreCase));
            if (found.Any()) { return found.First(); }
        }
    }

    static string HotKey(ChoiceDescription choice)
    {
        var mark = choice.Label.IndexOf('&', StringComparison.Ordinal);
        return mark >= 0 && mark < choice.Label.Length - 1 ? choice.Label.Substring(mark + 1, 1).ToUpperInvariant() : choice.Label;
    }

    object AskField(FieldDescription field)
    {
        var type = Type.GetType(field.ParameterAssemblyFullName, throwOnError: false) ?? typeof(string);
        if (type == typeof(PSCredential)) { return PromptForCredential("", field.Name, "", ""); }
        if (type == typeof(SecureString)) { Write(field.Name + ": "); return ReadSecret(field.Name); }
        if (!type.IsArray) { Write(field.Name + ": "); return LanguagePrimitives.ConvertTo(Read(field.Name), type, CultureInfo.CurrentCulture); }
        var items = new List<string>();
        while (true) // a list ends with an empty line
        {
            Write($"{field.Name}[{items.Count}]: ");
            var item = Read(field.Name);
            if (item.Length == 0) { return LanguagePrimitives.ConvertTo(items.ToArray(), type, CultureInfo.CurrentCulture); }
            items.Add(item);
        }
    }

    void ShowQuestion(string caption, string message)
    {
        if (!string.IsNullOrEmpty(caption)) { WriteLine(caption); }
        if (!string.IsNullOrEmpty(message)) { WriteLine(message); }
    }

    string Read(string what) => Answer(what, Console.In.ReadLine);

    SecureString ReadSecret(string what)
    {
        var secret = new SecureString();
        foreach (var character in Answer(what, Console.IsInputRedirected ? Console.In.ReadLine : ReadHidden)) { secret.AppendChar(character); }
        return secret;
    }

    string Answer(string what, Func<string?> read)
    {
        if (nonInteractive) { throw new HostException($"Asked for {what}, but -NonInteractive was given. Pass the value or -Confirm:$false."); }
        IsReading = true;
        try { return read() ?? throw new HostException($"Asked for {what}, but the input has ended. Pass the value or -Confirm:$false."); }
        finally { IsReading = false; }
    }

    static string ReadHidden()
    {
        var typed = new StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key != ConsoleKey.Backspace) { typed.Append(key.KeyChar); }
            else if (typed.Length > 0) { typed.Length--; }
        }
        Console.Out.WriteLine();
        return typed.ToString();
    }

    void WriteToError(string line)
    {
        if (IsDialogue) { Console.Out.WriteLine(GetOutputString(line, SupportsVirtualTerminal)); return; }
        Console.Out.Flush(); // keeps the order of the two streams where both go to one screen
        Console.Error.WriteLine(GetOutputString(line, !Console.IsErrorRedirected));
    }
}

/// <summary>Only the width matters: the views of Out-Default are made for it.</summary>
sealed class Screen : PSHostRawUserInterface
{
    const int WidthOfFiles = 120, NarrowestScreen = 40;

    public override Size BufferSize { get => new(Console.IsOutputRedirected ? WidthOfFiles : Math.Max(Console.WindowWidth, NarrowestScreen), 50); set { } }
    public override Size WindowSize { get => BufferSize; set { } }
    public override Size MaxPhysicalWindowSize => BufferSize;
    public override Size MaxWindowSize => BufferSize;
    public override ConsoleColor BackgroundColor { get; set; } = ConsoleColor.Black;
    public override ConsoleColor ForegroundColor { get; set; } = ConsoleColor.Gray;
    public override Coordinates CursorPosition { get; set; }
    public override int CursorSize { get; set; }
    public override Coordinates WindowPosition { get; set; }
    public override string WindowTitle { get; set; } = "";
    public override bool KeyAvailable => false;
    public override void FlushInputBuffer() { }
    public override KeyInfo ReadKey(ReadKeyOptions options) => throw new HostException("This host reads lines, not keys.");
    public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw new HostException("This host keeps no screen buffer.");
    public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) { }
    public override void SetBufferContents(Rectangle rectangle, BufferCell fill) { }
    public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) { }
}
