using System.Management.Automation;
using EsgMailboxSync.Connections;
using EsgMailboxSync.Interop;

namespace EsgMailboxSync.Cmdlets
{
    /// <summary>A cmdlet that looks at the history of a target, with or without a connection to it.</summary>
    public abstract class HistoryCmdlet : EngineCmdlet
    {
        private protected HistoryCmdlet()
        {
        }

        /// <summary>Name of the target; needed when there are several. It need not be connected.</summary>
        [Parameter]
        [ValidateNotNullOrEmpty]
        [ArgumentCompleter(typeof(TargetCompleter))]
        public string Target { get; set; }

        /// <summary>Folder of the state file, instead of that of the run, of the connection, or of the machine.</summary>
        [Parameter]
        [ValidateNotNullOrEmpty]
        public string StatePath { get; set; }

        /// <summary>What names the history that is meant: a connection, where there is one, else a state file.</summary>
        internal static GetRunsRequest Request(string folder, string target, out EsgConnection connection)
        {
            var table = ConnectionTable.Current;
            var isConnected = folder == null && (target == null ? table.Names.Count > 0 : table.Contains(target));
            connection = isConnected ? table.Select(target) : null;
            return isConnected
                ? new GetRunsRequest { Connection = connection.Handle.Number }
                : new GetRunsRequest { StateFolder = folder ?? StateFolder.Default, Name = target };
        }
    }
}
