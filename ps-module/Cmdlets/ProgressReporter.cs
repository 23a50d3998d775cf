using System;
using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;

namespace EsgMailboxSync.Cmdlets
{
    /// <summary>
    /// Shows progress about five times a second (Windows PowerShell draws slowly), with its rate, with the remaining time where the end is known, and always ends it.
    /// Use on the pipeline thread only.
    /// </summary>
    internal sealed class ProgressReporter
    {
        private const int ActivityId = 1;
        private const long MillisecondsBetween = 200;

        /// <summary>A rate over less than this is a guess.</summary>
        private static readonly TimeSpan Settled = TimeSpan.FromSeconds(1);

        private readonly Cmdlet _cmdlet;
        private readonly Stopwatch _sinceLast = new Stopwatch();
        private readonly Stopwatch _sinceFirst = new Stopwatch();
        private long _first;

        internal ProgressReporter(Cmdlet cmdlet)
        {
            _cmdlet = cmdlet;
        }

        /// <summary>The phase that is shown; null when none is.</summary>
        internal string Activity { get; private set; }

        /// <summary>How far a phase is. <paramref name="current"/> never falls within one; <paramref name="total"/> is 0 when it is not known.</summary>
        internal void Report(string activity, string status, long current, long total)
        {
            var sameActivity = activity == Activity;
            if (sameActivity && _sinceLast.ElapsedMilliseconds < MillisecondsBetween) { return; }
            if (!sameActivity)
            {
                Complete();
                _first = current;
                _sinceFirst.Restart();
            }
            Activity = activity;
            _sinceLast.Restart();
            var record = new ProgressRecord(ActivityId, activity, string.IsNullOrEmpty(status) ? " " : status)
            {
                PercentComplete = total > 0 ? (int)Math.Min(100, current * 100 / total) : -1,
            };
            AddRate(record, current - _first, total > 0 ? total - current : (long?)null, _sinceFirst.Elapsed);
            _cmdlet.WriteProgress(record);
        }

        /// <summary>What was done before the first report, by a read that is continued, took no time here and does not count.</summary>
        private static void AddRate(ProgressRecord record, long done, long? left, TimeSpan elapsed)
        {
            if (done <= 0 || left < 0 || elapsed < Settled) { return; }
            var perMinute = done / elapsed.TotalMinutes;
            if (left != null) { record.SecondsRemaining = (int)Math.Min(int.MaxValue, Math.Ceiling(left.Value / perMinute * 60)); }
            record.StatusDescription += string.Format(CultureInfo.CurrentCulture, " ({0:N0} per minute)", perMinute);
        }

        internal void Report(Interop.ProgressRecord record)
        {
            if (record.Completed) { Complete(); }
            else { Report(record.Activity, record.Status, record.Current, record.Total); }
        }

        /// <summary>Ends what is shown, if anything is.</summary>
        internal void Complete()
        {
            if (Activity == null) { return; }
            var record = new ProgressRecord(ActivityId, Activity, " ") { RecordType = ProgressRecordType.Completed };
            Activity = null;
            try { _cmdlet.WriteProgress(record); }
            catch (PipelineStoppedException)
            {
                // The host takes the progress of a stopped pipeline away by itself.
            }
        }
    }
}
