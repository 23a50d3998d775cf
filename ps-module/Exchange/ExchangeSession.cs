using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using System.Runtime.ExceptionServices;
using System.Threading;
using EsgMailboxSync.Cmdlets;

namespace EsgMailboxSync.Exchange
{
    /// <summary>
    /// The administrator's own Exchange session: finds its commands and calls them on the pipeline thread. The only place that calls Exchange.
    /// </summary>
    internal sealed class ExchangeSession : IDisposable
    {
        /// <summary>Code of the error when the session ends while it is read.</summary>
        public const string LostCode = "ExchangeSessionLost";

        /// <summary>Code of the error when there is no session.</summary>
        public const string NotConnectedCode = "ExchangeNotConnected";
        /// <summary>What on-premises Exchange does not have, so that no role is to blame.</summary>
        private static readonly string[] CloudOnly =
        {
            "Get-Mailbox -SoftDeletedMailbox", "Get-Mailbox -InactiveMailboxOnly", "Get-MailboxPermission -IncludeUnresolvedPermissions",
            "Get-RecipientPermission", "Get-UnifiedGroupLinks", "Get-DynamicDistributionGroupMember",
        };

        private const int Tries = 3;
        private const long MillisecondsBetweenTries = 1000;

        private readonly EngineCmdlet _cmdlet;
        private readonly Dictionary<string, CommandInfo> _commands = new Dictionary<string, CommandInfo>(StringComparer.OrdinalIgnoreCase);
        private readonly HashSet<string> _warned = new HashSet<string>(StringComparer.Ordinal);
        private readonly ManualResetEvent _stopped = new ManualResetEvent(false);
        private volatile PowerShell _running;

        private ExchangeSession(EngineCmdlet cmdlet)
        {
            _cmdlet = cmdlet;
            _cmdlet.StopRequested += Stop;
        }

        /// <summary>What the session put before the nouns of its commands; empty for nothing.</summary>
        public string Prefix { get; private set; } = string.Empty;

        /// <summary>Where the session is connected to; null members when it did not tell.</summary>
        public ExchangeTenant Tenant { get; private set; } = new ExchangeTenant(null, null, false);

        /// <summary>Finds the session of this runspace.</summary>
        /// <param name="cmdlet">On whose pipeline thread Exchange is called.</param>
        /// <param name="prefix">-Prefix of the connection; null to find it.</param>
        /// <exception cref="MailboxSyncException">There is none, or there are several.</exception>
        public static ExchangeSession Open(EngineCmdlet cmdlet, string prefix)
        {
            var session = new ExchangeSession(cmdlet);
            try
            {
                session.Find(prefix);
                return session;
            }
            catch
            {
                session.Dispose();
                throw;
            }
        }

        /// <summary>As <see cref="Open"/>, but null when there is no session.</summary>
        public static ExchangeSession OpenIfThere(EngineCmdlet cmdlet, string prefix)
        {
            try { return Open(cmdlet, prefix); }
            catch (MailboxSyncException error) when (error.Code == NotConnectedCode) { return null; }
        }

        /// <summary>As <see cref="Open"/>, to see what is there: what is wrong comes back beside the session, which still tells about its commands.</summary>
        public static ExchangeSession Look(EngineCmdlet cmdlet, string prefix, out MailboxSyncException wrong)
        {
            var session = new ExchangeSession(cmdlet);
            wrong = null;
            try { session.Find(prefix); }
            catch (MailboxSyncException error) { wrong = error; }
            return session;
        }

        /// <summary>The account may run a command, with a parameter. A missing role takes both out of the session (exo 4.2).</summary>
        public bool Has(string command, string parameter = null)
        {
            var found = Command(command);
            return found != null && (parameter == null || found.Parameters.ContainsKey(parameter));
        }

        /// <summary>Only Exchange Online has it, a command or <c>Command -Parameter</c>: elsewhere no role is to blame.</summary>
        public static bool IsCloudOnly(string what)
        {
            return Array.IndexOf(CloudOnly, what) >= 0;
        }

        /// <summary>The command as it is called in this session, with the prefix.</summary>
        public string Named(string command)
        {
            return Prefix.Length == 0 ? command : command.Insert(command.IndexOf('-') + 1, Prefix);
        }

        /// <summary>Runs a call and hands over its rows one by one as they arrive. A failed call is an outcome, the end of the session an exception.</summary>
        /// <exception cref="MailboxSyncException">The session has ended.</exception>
        public ReadOutcome Run(ExchangeCall call, Action<PSObject> onRow)
        {
            var command = Command(call.Command);
            if (command == null) { return NotThere(call.Command, "The command " + Named(call.Command) + " is not there"); }
            var missing = call.Missing(command);
            if (missing != null) { return NotThere(call.Command + " -" + missing, "The command " + Named(call.Command) + " has no parameter -" + missing); }
            for (var attempt = 1; ; attempt++)
            {
                var answer = Invoke(call, command, onRow);
                if (answer.Error == null)
                {
                    Tell(call, attempt, answer, null);
                    Warn(call, answer.Warnings);
                    return ExchangeAnswer.IsCut(answer.Rows, call.Limit(command), answer.Warnings)
                        ? new ReadOutcome(ReadStatus.Truncated, "Exchange cut the list at " + answer.Rows.ToString(CultureInfo.InvariantCulture) + " rows.")
                        : ReadOutcome.Complete;
                }
                var fault = ExchangeAnswer.Fault(answer.Error);
                if (fault == ExchangeFault.NoSession)
                {
                    Tell(call, attempt, answer, null);
                    throw Lost(answer.Error);
                }
                // Rows that were handed over cannot be taken back, so only a call that gave none is repeated.
                if (fault == ExchangeFault.Transient && answer.Rows == 0 && attempt < Tries)
                {
                    // Exchange's own commands wait and try again before they fail (exo 3.2): that time counts, so that waits do not multiply.
                    var wait = Math.Max(0, (MillisecondsBetweenTries * attempt) - answer.Milliseconds);
                    Tell(call, attempt, answer, wait);
                    if (_stopped.WaitOne((int)wait)) { throw new PipelineStoppedException(); }
                    continue;
                }
                Tell(call, attempt, answer, null);
                if (!IsAlive(call.Command)) { throw Lost(answer.Error); }
                return ReadOutcome.Failed(ExchangeAnswer.Reason(answer.Error));
            }
        }

        /// <summary>A missing role takes commands and parameters out of the session (exo 4.2); on-premises Exchange never has some of them.</summary>
        private ReadOutcome NotThere(string what, string text)
        {
            return Tenant.IsCloud || !IsCloudOnly(what)
                ? new ReadOutcome(ReadStatus.Denied, text + ": the account has no role that contains it. Test-MailboxSyncPrerequisite tells which has.")
                : new ReadOutcome(ReadStatus.Unsupported, text + ": on-premises Exchange has none.");
        }

        public void Dispose()
        {
            _cmdlet.StopRequested -= Stop;
            _stopped.Dispose();
        }

        private void Find(string prefix)
        {
            var connection = ExchangeConnection.Choose(Connections(), prefix);
            Prefix = prefix ?? connection?.Prefix ?? string.Empty;
            Tenant = new ExchangeTenant(connection?.TenantId, connection?.Organization, connection != null);
            if (!Has("Get-Mailbox"))
            {
                throw new MailboxSyncException(
                    NotConnectedCode,
                    ErrorCategory.ResourceUnavailable,
                    "There is no Exchange session: the command " + Named("Get-Mailbox") + " was not found.",
                    "Connect first, for example with 'Connect-ExchangeOnline' (use -Prefix here when you connected with one), or run in the Exchange Management Shell. "
                        + "If you are connected, the account lacks the role 'View-Only Recipients'.");
            }
            Tenant = ReadTenant();
        }

        private ExchangeTenant ReadTenant()
        {
            string name = null, id = null;
            if (Has("Get-OrganizationConfig"))
            {
                Run(new ExchangeCall("Get-OrganizationConfig"), row =>
                {
                    name = RowValue.Text(row, "Name");
                    id = RowValue.Id(row, "Guid");
                });
            }
            return new ExchangeTenant(Tenant.Id ?? id, name ?? Tenant.Name, Tenant.IsCloud);
        }

        /// <summary>The open connections. Only Exchange Online tells, by a command that never carries the prefix.</summary>
        private List<ExchangeConnection> Connections()
        {
            var connections = new List<ExchangeConnection>();
            var command = _cmdlet.InvokeCommand.GetCommand("Get-ConnectionInformation", CommandTypes.Cmdlet | CommandTypes.Function);
            if (command != null)
            {
                var call = new ExchangeCall(command.Name);
                var answer = Invoke(call, command, row =>
                {
                    var connection = ExchangeConnection.From(row);
                    if (connection != null) { connections.Add(connection); }
                });
                Tell(call, 1, answer, null);
            }
            return connections;
        }

        /// <summary>After a failed call: its command is still there, and so is the connection. On-premises nothing tells about connections.</summary>
        private bool IsAlive(string command)
        {
            _commands.Clear();
            return Has(command) && (!Tenant.IsCloud || ExchangeConnection.AnyAlive(Connections(), Tenant.Id));
        }

        private static MailboxSyncException Lost(ErrorRecord error)
        {
            return new MailboxSyncException(
                LostCode,
                ErrorCategory.ConnectionError,
                "The Exchange session is not connected or has ended: " + ExchangeAnswer.Reason(error),
                "Connect again with 'Connect-ExchangeOnline' and repeat the command.",
                error.TargetObject,
                error.Exception);
        }

        private CommandInfo Command(string name)
        {
            if (!_commands.TryGetValue(name, out var command))
            {
                command = _cmdlet.InvokeCommand.GetCommand(Named(name), CommandTypes.Cmdlet | CommandTypes.Function);
                _commands.Add(name, command);
            }
            return command;
        }

        /// <summary>Each try of a call for -Verbose, as the calls to an appliance are told.</summary>
        private void Tell(ExchangeCall call, int attempt, Answer answer, long? wait)
        {
            _cmdlet.WriteVerbose(string.Format(
                CultureInfo.InvariantCulture,
                "{0}: {1} rows in {2} ms{3}{4}{5}",
                call,
                answer.Rows,
                answer.Milliseconds,
                attempt > 1 ? ", attempt " + attempt : string.Empty,
                answer.Error == null ? string.Empty : " (" + ExchangeAnswer.Reason(answer.Error) + ")",
                wait == null ? string.Empty : ", trying again in " + wait + " ms"));
        }

        private void Warn(ExchangeCall call, IReadOnlyList<string> warnings)
        {
            foreach (var warning in warnings)
            {
                // The same text for each of ten thousand mailboxes is told once.
                if (_warned.Add(call.Command + warning)) { _cmdlet.Warn(call.Command + ": " + warning, null); }
            }
        }

        private sealed class Answer
        {
            public long Rows { get; set; }

            public List<string> Warnings { get; } = new List<string>();

            public ErrorRecord Error { get; set; }

            public long Milliseconds { get; set; }
        }

        private Answer Invoke(ExchangeCall call, CommandInfo command, Action<PSObject> onRow)
        {
            if (_stopped.WaitOne(0)) { throw new PipelineStoppedException(); }
            var answer = new Answer();
            ExceptionDispatchInfo failure = null;
            var clock = Stopwatch.StartNew();
            using (var shell = PowerShell.Create(RunspaceMode.CurrentRunspace))
            using (var output = new PSDataCollection<PSObject>())
            {
                call.AddTo(shell, command);
                output.DataAdded += (sender, added) =>
                {
                    foreach (var row in output.ReadAll())
                    {
                        // An exception must not travel through Exchange's own script, which might catch it.
                        try { Take(row, answer, failure == null ? onRow : null); }
                        catch (Exception error) { failure = failure ?? ExceptionDispatchInfo.Capture(error); }
                    }
                };
                try
                {
                    _running = shell;
                    shell.Invoke(null, output);
                    // One that was stopped may end as if it had come to its end: its answer is none.
                    if (shell.InvocationStateInfo.State == PSInvocationState.Stopped) { throw new PipelineStoppedException(); }
                    answer.Error = shell.Streams.Error.Count > 0 ? shell.Streams.Error[0] : null;
                }
                catch (PipelineStoppedException)
                {
                    throw;
                }
                catch (RuntimeException error)
                {
                    // With the exception itself, whose type says more than the placeholder that its record may hold.
                    answer.Error = new ErrorRecord(error.ErrorRecord, error);
                }
                finally
                {
                    _running = null;
                }
            }
            failure?.Throw();
            answer.Milliseconds = clock.ElapsedMilliseconds;
            return answer;
        }

        private static void Take(PSObject row, Answer answer, Action<PSObject> onRow)
        {
            if (row == null) { return; }
            if (row.BaseObject is WarningRecord warning)
            {
                answer.Warnings.Add(warning.Message);
                return;
            }
            answer.Rows++;
            onRow?.Invoke(row);
        }

        /// <summary>Ctrl+C, on another thread: must not wait.</summary>
        private void Stop()
        {
            try
            {
                _stopped.Set();
                _running?.BeginStop(null, null);
            }
            catch (ObjectDisposedException)
            {
                // The read ended first.
            }
        }
    }
}
