using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Management.Automation;
using EsgMailboxSync.Connections;
using EsgMailboxSync.Interop;

namespace EsgMailboxSync.Cmdlets
{
    /// <summary>Writes a run, a plan or a snapshot as a page that a person reads a year later, as CSV or as JSON. Reads only what is there already.</summary>
    [Cmdlet(VerbsData.Export, "MailboxSyncReport", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
    [OutputType(typeof(FileInfo))]
    public sealed class ExportMailboxSyncReportCommand : HistoryCmdlet
    {
        private string _path;
        private bool _isFolder;
        private ReportFormat _format;
        private string _plan;
        private bool _written;

        /// <summary>The file to write, or a folder, in which each report gets a name of its own.</summary>
        [Parameter(Mandatory = true, Position = 0)]
        [ValidateNotNullOrEmpty]
        public string Path { get; set; }

        /// <summary>A run, its number, a plan, a snapshot, what Sync-EsgSharedMailbox returned, or the file of a plan or of a snapshot.</summary>
        [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true)]
        [ValidateNotNull]
        public object InputObject { get; set; }

        /// <summary>Html, Csv or Json; without it the extension of the file says it, and of a folder it is Html.</summary>
        [Parameter]
        public ReportFormat Format { get; set; }

        /// <summary>CSV with the list separator of the current culture.</summary>
        [Parameter]
        public SwitchParameter UseCulture { get; set; }

        /// <summary>Of a run: the plan that it applied, or its file. It tells what was left alone, with findings and guards.</summary>
        [Parameter]
        [ValidateNotNullOrEmpty]
        public object Plan { get; set; }

        /// <summary>A file that exists is replaced.</summary>
        [Parameter]
        public SwitchParameter Force { get; set; }

        /// <inheritdoc/>
        protected override void BeginProcessing()
        {
            _path = ResolvePath(Path);
            _isFolder = Directory.Exists(_path);
            _format = MyInvocation.BoundParameters.ContainsKey(nameof(Format)) ? Format : FormatOf(_path);
            if (!_isFolder && !Directory.Exists(System.IO.Path.GetDirectoryName(_path)))
            {
                throw new MailboxSyncException("PathNotFound", ErrorCategory.ObjectNotFound, $"The folder of '{Path}' does not exist.", "Create the folder first.", Path);
            }
            if (UseCulture && _format != ReportFormat.Csv)
            {
                throw new MailboxSyncException("UseCultureWithoutCsv", ErrorCategory.InvalidArgument, $"-UseCulture means nothing for {_format}.", "Leave it out, or give -Format Csv.", _format);
            }
            _plan = Plan == null ? null : PlanOf(Plan).Text;
        }

        /// <inheritdoc/>
        protected override void ProcessRecord()
        {
            // One that cannot be told must not take the others along.
            try { Export(InputObject is PSObject wrapped ? wrapped.BaseObject : InputObject); }
            catch (MailboxSyncException failure) { WriteError(failure.ErrorRecord); }
        }

        private void Export(object value)
        {
            switch (value)
            {
                case MailboxSyncResult result:
                    Export((object)result.Run ?? result.Plan ?? throw NothingToTell(result));
                    break;
                case MailboxSyncRun run when run.Id == null:
                    Export(run.Plan);
                    break;
                case MailboxSyncRun run:
                    ExportRun(run.Id.Value, run.Target, run.StateFolder, run.Plan.Text);
                    break;
                case MailboxSyncRunRecord run:
                    ExportRun(run.Id, run.Target, run.StateFolder, null);
                    break;
                case MailboxSyncPlan plan:
                    Write($"{plan.Target}-plan-{Stamp(plan.Created)}", new ExportReportRequest { Plan = OnlyInput(plan.Text) });
                    break;
                case MailboxDelegationSnapshot snapshot:
                    Write($"snapshot-{Stamp(snapshot.Created)}", new ExportReportRequest { Snapshot = OnlyInput(snapshot.Number) });
                    GC.KeepAlive(snapshot);
                    break;
                case int _:
                case long _:
                    ExportRun(Convert.ToInt64(value, CultureInfo.InvariantCulture), null, null, null);
                    break;
                case string path:
                    foreach (var file in ResolveExistingPath(path)) { ExportFile(file); }
                    break;
                case FileInfo file:
                    ExportFile(file.FullName);
                    break;
                default:
                    throw new MailboxSyncException(
                        "InputInvalid",
                        ErrorCategory.InvalidArgument,
                        $"There is no report of '{value}'.",
                        "Give a run of Get-MailboxSyncRun or Invoke-MailboxSyncPlan, the number of a run, a plan, a snapshot, or the file of a plan or of a snapshot.",
                        value);
            }
        }

        private void ExportRun(long id, string target, string folder, string plan)
        {
            var state = StatePath == null ? folder : ResolvePath(StatePath);
            var history = Request(state, Target ?? target, out var connection);
            history.Run = new[] { id };
            Write($"{Target ?? target ?? connection?.Name ?? "esg"}-run-{id.ToString(CultureInfo.InvariantCulture)}", new ExportReportRequest { History = history, Plan = _plan ?? plan });
            GC.KeepAlive(connection);
        }

        private void ExportFile(string file)
        {
            if (!SnapshotFile.IsSnapshot(file))
            {
                Export(PlanOf(file));
                return;
            }
            using (var snapshot = ReadSnapshot(new[] { file })) { Export(snapshot); }
        }

        private void Write(string name, ExportReportRequest request)
        {
            var file = _isFolder ? System.IO.Path.Combine(_path, FileName(name) + "." + _format.ToString().ToLowerInvariant()) : _path;
            if (_written && !_isFolder)
            {
                throw new MailboxSyncException("SeveralReports", ErrorCategory.InvalidArgument, $"'{Path}' holds the report of what came first.", "Give -Path a folder: each report gets a name of its own there.", Path);
            }
            if (File.Exists(file) && !Force)
            {
                throw new MailboxSyncException("FileExists", ErrorCategory.ResourceExists, $"'{file}' exists.", "Give another -Path, or -Force to replace it.", file);
            }
            _written = true;
            if (!ShouldProcess(file, "Write a report")) { return; }
            request.Format = _format.ToString();
            request.Separator = UseCulture ? CultureInfo.CurrentCulture.TextInfo.ListSeparator : null;
            request.Path = file;
            WriteObject(new FileInfo(Call<ReportReply>(Method.ExportReport, request).Path));
        }

        /// <summary>A plan from what the parameter may be.</summary>
        private MailboxSyncPlan PlanOf(object value)
        {
            var bare = value is PSObject wrapped ? wrapped.BaseObject : value;
            var path = bare is FileInfo file ? file.FullName : bare as string;
            if (path != null) { return new MailboxSyncPlan(Call<PlanReply>(Method.ReadPlan, new ReadPlanRequest { Path = ResolvePath(path) })); }
            return bare as MailboxSyncPlan
                ?? throw new MailboxSyncException("PlanInvalid", ErrorCategory.InvalidArgument, $"'{bare}' is no plan.", "Give what New-EsgPlan returned, or the path of its file.", bare);
        }

        /// <summary>What is no run takes no plan.</summary>
        private T OnlyInput<T>(T value)
        {
            return _plan == null ? value
                : throw new MailboxSyncException("PlanWithoutRun", ErrorCategory.InvalidArgument, "-Plan belongs to a run, and this is none.", "Leave it out, or give the run that applied the plan.");
        }

        private static MailboxSyncException NothingToTell(MailboxSyncResult result)
        {
            return new MailboxSyncException("NothingToReport", ErrorCategory.ObjectNotFound, $"It came to no plan, so there is nothing to report: {result.Message}", "Correct the cause, and synchronise again.", result);
        }

        private static ReportFormat FormatOf(string path)
        {
            if (Directory.Exists(path)) { return ReportFormat.Html; }
            switch (System.IO.Path.GetExtension(path).ToLowerInvariant())
            {
                case ".html":
                case ".htm":
                    return ReportFormat.Html;
                case ".csv":
                    return ReportFormat.Csv;
                case ".json":
                    return ReportFormat.Json;
                default:
                    throw new MailboxSyncException("FormatUnknown", ErrorCategory.InvalidArgument, $"'{path}' does not say which format the report is to have.", "Give the file the extension .html, .csv or .json, or give -Format. A folder must exist.", path);
            }
        }

        private static string Stamp(DateTime time)
        {
            return time.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        }

        private static string FileName(string name)
        {
            return string.Concat(name.Select(letter => System.IO.Path.GetInvalidFileNameChars().Contains(letter) ? '_' : letter));
        }
    }
}
