using System;
using System.IO;
using System.Linq;
using System.Management.Automation;
using EsgMailboxSync.Cmdlets;
using EsgMailboxSync.Configuration;
using EsgMailboxSync.Interop;

namespace EsgMailboxSync.Notifications
{
    /// <summary>Tells somebody of findings, guards and failures; by default only when they are other than at the last time. Its own failure is told and changes no exit code.</summary>
    internal sealed class Notifier
    {
        private readonly EngineCmdlet _cmdlet;
        private readonly ScriptBlock _script;
        private readonly NotificationSettings _settings;
        private readonly string _memory;

        /// <param name="cmdlet">On whose pipeline thread scripts run.</param>
        /// <param name="script">Script block of the caller; wins over the script or command of the settings. Null for none.</param>
        /// <param name="settings">What the configuration says; null for nothing.</param>
        /// <param name="stateFile">The state file, beside which it is kept what was told last; null when it is not known, and then everything is told.</param>
        public Notifier(EngineCmdlet cmdlet, ScriptBlock script, NotificationSettings settings, string stateFile)
        {
            _cmdlet = cmdlet;
            _script = script;
            _settings = settings ?? new NotificationSettings();
            _memory = stateFile == null ? null : Path.ChangeExtension(stateFile, ".notified");
        }

        /// <summary>Sends a notification where there is somebody to send it to and something to tell. Gives what became of it; null when there is nobody.</summary>
        public string Tell(MailboxSyncResult result)
        {
            if (_script == null && _settings.Script == null && _settings.Command == null) { return null; }
            try
            {
                var concerns = Concerns.Of(result, _settings.On?.Select(View.Member<NotificationReason>).ToArray());
                if (!concerns.Any)
                {
                    if (_memory != null && File.Exists(_memory)) { File.Delete(_memory); }
                    return "Nothing to tell.";
                }
                if (_settings.Repeat != nameof(NotificationRepeat.Always) && _memory != null && File.Exists(_memory) && File.ReadAllText(_memory).Trim() == concerns.Fingerprint)
                {
                    return "The same as last time: not sent.";
                }
                Send(concerns.Tell(result));
                Remember(concerns.Fingerprint);
                return "Sent.";
            }
            catch (Exception error) when (!(error is PipelineStoppedException))
            {
                return "Failed: " + error.Message;
            }
        }

        private void Send(MailboxSyncNotification notification)
        {
            if (_script != null)
            {
                // What it writes is no output of the synchronisation.
                _script.Invoke(notification);
            }
            else if (_settings.Script != null)
            {
                var call = CommandCall.Of(_cmdlet, _settings.Script) ?? throw new FileNotFoundException("There is no script " + _settings.Script + ".");
                call.Run(notification);
            }
            else
            {
                MailCommand.Run(_settings.Command, _settings.Arguments ?? Array.Empty<string>(), notification);
            }
        }

        // The folder of a state file is made with the file; a failure before that is told each time.
        private void Remember(string fingerprint)
        {
            if (_memory != null && Directory.Exists(Path.GetDirectoryName(_memory))) { File.WriteAllText(_memory, fingerprint + "\n"); }
        }
    }
}
