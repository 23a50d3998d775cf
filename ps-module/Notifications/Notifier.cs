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
        private readonly string _stateFile, _configurationFile;

        /// <param name="cmdlet">On whose pipeline thread scripts run.</param>
        /// <param name="script">Script block of the caller; wins over the script or command of the settings. Null for none.</param>
        /// <param name="settings">What the configuration says; null for nothing.</param>
        /// <param name="stateFile">The state file, beside which it is kept what was told last; null when it is not known.</param>
        /// <param name="configurationFile">The configuration file, beside which it is kept as long as the folder of the state file is not there; null for none, and then everything is told.</param>
        public Notifier(EngineCmdlet cmdlet, ScriptBlock script, NotificationSettings settings, string stateFile, string configurationFile)
        {
            _cmdlet = cmdlet;
            _script = script;
            _settings = settings ?? new NotificationSettings();
            _stateFile = stateFile;
            _configurationFile = configurationFile;
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
                    Forget();
                    return "Nothing to tell.";
                }
                if (_settings.Repeat != nameof(NotificationRepeat.Always) && Memory != null && File.Exists(Memory) && File.ReadAllText(Memory).Trim() == concerns.Fingerprint)
                {
                    return "The same as last time: not sent.";
                }
                Send(concerns.Tell(result));
                return Remember(concerns.Fingerprint);
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

        /// <summary>Where it is kept what was told last. The folder of a state file is made with the file, and a failure may come before that.</summary>
        private string Memory => Beside(_stateFile) ?? Beside(_configurationFile);

        private static string Beside(string file)
        {
            return file != null && Directory.Exists(Path.GetDirectoryName(file)) ? Path.ChangeExtension(file, ".notified") : null;
        }

        private void Forget()
        {
            foreach (var file in new[] { Beside(_stateFile), Beside(_configurationFile) })
            {
                if (file != null && File.Exists(file)) { File.Delete(file); }
            }
        }

        // It was sent: what cannot be kept does not make that a failure.
        private string Remember(string fingerprint)
        {
            var memory = Memory;
            if (memory == null) { return "Sent."; }
            try { File.WriteAllText(memory, fingerprint + "\n"); }
            catch (Exception error) when (error is IOException || error is UnauthorizedAccessException) { return "Sent. The same will be sent again, as this cannot be kept: " + error.Message; }
            return "Sent.";
        }
    }
}
