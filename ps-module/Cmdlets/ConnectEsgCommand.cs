using System;
using System.Linq;
using System.Management.Automation;
using System.Security;
using EsgMailboxSync.Connections;

namespace EsgMailboxSync.Cmdlets
{
    /// <summary>Logs in to an appliance and keeps the connection under a name, for this session.</summary>
    [Cmdlet(VerbsCommunications.Connect, "Esg", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium, DefaultParameterSetName = AccountSet)]
    [OutputType(typeof(EsgConnection))]
    public sealed class ConnectEsgCommand : EngineCmdlet
    {
        private const string AccountSet = "Account";
        private const string TokenSet = "Token";

        /// <summary>The appliance: https://host or https://host:port.</summary>
        [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
        [ValidateNotNull]
        public Uri Uri { get; set; }

        /// <summary>Account and password.</summary>
        [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true, ParameterSetName = AccountSet)]
        [ValidateNotNull]
        [Credential]
        public PSCredential Credential { get; set; }

        /// <summary>API token, instead of an account.</summary>
        [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = TokenSet)]
        [ValidateNotNull]
        public SecureString Token { get; set; }

        /// <summary>One-time password, where the account has a second factor.</summary>
        [Parameter(ValueFromPipelineByPropertyName = true, ParameterSetName = AccountSet)]
        [ValidateNotNull]
        public SecureString OneTimePassword { get; set; }

        /// <summary>Username of the administrator that an API user acts as.</summary>
        [Parameter(ValueFromPipelineByPropertyName = true)]
        [ValidateNotNullOrEmpty]
        public string SwitchUser { get; set; }

        /// <summary>Name of the connection and of its state file; the host when left out.</summary>
        [Parameter(ValueFromPipelineByPropertyName = true)]
        [ValidateNotNullOrEmpty]
        public string Name { get; set; }

        /// <summary>Permits http, which sends the password unprotected.</summary>
        [Parameter]
        public SwitchParameter AllowHttp { get; set; }

        /// <summary>Proxy, instead of that of the system.</summary>
        [Parameter(ValueFromPipelineByPropertyName = true)]
        [ValidateNotNull]
        public Uri Proxy { get; set; }

        /// <summary>Account at the proxy.</summary>
        [Parameter(ValueFromPipelineByPropertyName = true)]
        [ValidateNotNull]
        [Credential]
        public PSCredential ProxyCredential { get; set; }

        /// <summary>Uses no proxy, whatever the system says.</summary>
        [Parameter]
        public SwitchParameter NoProxy { get; set; }

        /// <summary>Files (PEM or DER) with certificates of further authorities to trust.</summary>
        [Parameter(ValueFromPipelineByPropertyName = true)]
        [ValidateNotNullOrEmpty]
        public string[] CertificateAuthority { get; set; }

        /// <summary>Seconds that one call may take.</summary>
        [Parameter(ValueFromPipelineByPropertyName = true)]
        [ValidateRange(1, 3600)]
        public int? TimeoutSec { get; set; }

        /// <summary>Calls at a time.</summary>
        [Parameter(ValueFromPipelineByPropertyName = true)]
        [ValidateRange(1, 32)]
        public int? Concurrency { get; set; }

        /// <summary>Folder of the state file, instead of the one of the machine.</summary>
        [Parameter(ValueFromPipelineByPropertyName = true)]
        [ValidateNotNullOrEmpty]
        public string StatePath { get; set; }

        /// <summary>States that the name stands for the same appliance at another address.</summary>
        [Parameter]
        public SwitchParameter Rebind { get; set; }

        /// <summary>Role id of functional users, where the appliance does not list its roles.</summary>
        [Parameter(ValueFromPipelineByPropertyName = true)]
        [ValidateRange(0L, long.MaxValue)]
        public long? FunctionalRole { get; set; }

        /// <summary>Days after which a run deletes the images of older runs, which can then not be taken back any more. Without it, none is deleted.</summary>
        [Parameter(ValueFromPipelineByPropertyName = true)]
        [ValidateRange(1, 36500)]
        public int? RunRetentionDays { get; set; }

        /// <inheritdoc/>
        protected override void ProcessRecord()
        {
            var login = new EsgLogin
            {
                Uri = Uri,
                Name = Name,
                Credential = Credential,
                Token = Token,
                OneTimePassword = OneTimePassword,
                SwitchUser = SwitchUser,
                AllowHttp = AllowHttp,
                Proxy = Proxy,
                ProxyCredential = ProxyCredential,
                NoProxy = NoProxy,
                CertificateAuthority = CertificateAuthority?.Select(ResolvePath).ToArray(),
                TimeoutSec = TimeoutSec,
                Concurrency = Concurrency,
                StatePath = StatePath == null ? null : ResolvePath(StatePath),
                Rebind = Rebind,
                FunctionalRole = FunctionalRole,
                RunRetentionDays = RunRetentionDays,
            };
            // A connection alone lasts as long as the session; that a name stands for another host from now on is written down.
            if (Rebind && !ShouldProcess($"The state of '{login.TargetName}'", "Bind it to " + (Uri.IsAbsoluteUri ? Uri.Authority : "another host"))) { return; }
            var connection = EsgConnector.Connect(this, login);
            ConnectionTable.Current.Add(connection);
            WriteObject(connection);
        }
    }
}
