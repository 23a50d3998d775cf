using System.Management.Automation;
using EsgMailboxSync.Connections;

namespace EsgMailboxSync.Cmdlets
{
    /// <summary>Forgets a connection and its token.</summary>
    [Cmdlet(VerbsCommunications.Disconnect, "Esg")]
    [OutputType(typeof(void))]
    public sealed class DisconnectEsgCommand : PSCmdlet
    {
        /// <summary>Name of the connection; needed when there are several.</summary>
        [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
        [Alias("Name")]
        [ValidateNotNullOrEmpty]
        [ArgumentCompleter(typeof(TargetCompleter))]
        public string Target { get; set; }

        /// <inheritdoc/>
        protected override void ProcessRecord()
        {
            ConnectionTable.Current.Remove(ConnectionTable.Current.Select(Target).Name);
        }
    }
}
