using System;
using System.Diagnostics;
using System.Management.Automation;

namespace EsgMailboxSync.Cmdlets
{
    /// <summary>Shows progress about five times a second (Windows PowerShell draws slowly) and always ends it. Use on the pipeline thread only.</summary>
    internal sealed class ProgressReporter
    {
        private const int ActivityId = 1;
        private const long MillisecondsBetween = 200;
        private readonly Cmdlet _cmdlet;
        private readonly Stopwatch _sinceLast = new Stopwatch();
        private string _activity;

        internal ProgressReporter(Cmdlet cmdlet)
        {
            _cmdlet = cmdlet;
        }

        /// <summary>How far a phase is; <paramref name="total"/> is 0 when it is not known.</summary>
        internal void Report(string activity, string status, long current, long total)
        {
            var sameActivity = activity == _activity;
            if (sameActivity && _sinceLast.ElapsedMilliseconds < MillisecondsBetween) { return; }
            if (!sameActivity) { Complete(); }
            _activity = activity;
            _sinceLast.Restart();
            _cmdlet.WriteProgress(new ProgressRecord(ActivityId, activity, string.IsNullOrEmpty(status) ? " " : status)
            {
                PercentComplete = total > 0 ? (int)Math.Min(100, current * 100 / total) : -1,
            });
        }

        internal void Report(Interop.ProgressRecord record)
        {
            if (record.Completed) { Complete(); }
            else { Report(record.Activity, record.Status, record.Current, record.Total); }
        }

        /// <summary>Ends what is shown, if anything is.</summary>
        internal void Complete()
        {
            if (_activity == null) { return; }
            var record = new ProgressRecord(ActivityId, _activity, " ") { RecordType = ProgressRecordType.Completed };
            _activity = null;
            try { _cmdlet.WriteProgress(record); }
            catch (PipelineStoppedException)
            {
                // The host takes the progress of a stopped pipeline away by itself.
            }
        }
    }
}
