using System;
using System.Linq;
using System.Management.Automation;
using System.Runtime.InteropServices;
using System.Security;
using EsgMailboxSync.Cmdlets;
using EsgMailboxSync.Interop;

namespace EsgMailboxSync.Connections
{
    /// <summary>How to reach an appliance and who to be there: the parameters of Connect-Esg, or what a configuration file says.</summary>
    internal sealed class EsgLogin
    {
        public Uri Uri { get; set; }

        /// <summary>Null for the host.</summary>
        public string Name { get; set; }

        public PSCredential Credential { get; set; }

        public SecureString Token { get; set; }

        public SecureString OneTimePassword { get; set; }

        public string SwitchUser { get; set; }

        public bool AllowHttp { get; set; }

        public Uri Proxy { get; set; }

        public PSCredential ProxyCredential { get; set; }

        public bool NoProxy { get; set; }

        /// <summary>Files, absolute; null for none.</summary>
        public string[] CertificateAuthority { get; set; }

        public int? TimeoutSec { get; set; }

        public int? Concurrency { get; set; }

        /// <summary>Absolute; null for the folder of the machine.</summary>
        public string StatePath { get; set; }

        public bool Rebind { get; set; }

        public long? FunctionalRole { get; set; }

        public int? RunRetentionDays { get; set; }

        /// <summary>The name of the target. It is that of a file too, so an IPv6 address loses its colons. What is no address is refused by the engine, which says why.</summary>
        public string TargetName
        {
            get
            {
                if (Name != null) { return Name; }
                var host = Uri.IsAbsoluteUri ? Uri.DnsSafeHost.Trim('[', ']').Replace(':', '-') : string.Empty;
                return host.Length == 0 ? "esg" : host;
            }
        }

        /// <summary>The folder of the state file.</summary>
        public string Folder => StatePath ?? StateFolder.Default;
    }

    /// <summary>Logs in to an appliance.</summary>
    internal static class EsgConnector
    {
        /// <summary>The account of this process, as errors, the lock and the history name it.</summary>
        public static string Account => RuntimeInformation.IsOSPlatform(OSPlatform.Windows) ? Environment.UserDomainName + "\\" + Environment.UserName : Environment.UserName;

        /// <exception cref="MailboxSyncException">The settings contradict each other, or the appliance cannot be used with them.</exception>
        public static EsgConnection Connect(EngineCmdlet cmdlet, EsgLogin login)
        {
            var request = new ConnectRequest
            {
                Name = login.TargetName,
                Uri = login.Uri.OriginalString,
                Username = login.Credential?.UserName,
                SwitchUser = login.SwitchUser,
                AllowHttp = login.AllowHttp,
                CertificateAuthority = login.CertificateAuthority == null ? null : string.Join("\n", login.CertificateAuthority.Select(CertificateFile.ReadPem)),
                TimeoutSeconds = login.TimeoutSec,
                Concurrency = login.Concurrency,
                FunctionalRole = login.FunctionalRole,
                StateFolder = login.Folder,
                Rebind = login.Rebind,
                Account = Account,
                Machine = Environment.MachineName,
                RunRetentionDays = login.RunRetentionDays,
            };
            using (var buffer = new RequestBuffer(request))
            {
                buffer.AddSecret("password", login.Credential?.Password);
                buffer.AddSecret("token", login.Token);
                buffer.AddSecret("oneTimePassword", login.OneTimePassword);
                var proxy = AddProxy(cmdlet, login, buffer);
                var reply = cmdlet.Call<ConnectReply>(Method.Connect, buffer);
                return new EsgConnection(reply, new ConnectionHandle(EngineHandle.Current, reply.Connection), proxy);
            }
        }

        private static string AddProxy(EngineCmdlet cmdlet, EsgLogin login, RequestBuffer request)
        {
            if (login.NoProxy && login.Proxy != null)
            {
                throw new MailboxSyncException("ProxyContradiction", ErrorCategory.InvalidArgument, "-Proxy and -NoProxy contradict each other.", "Leave one of them out.");
            }
            if (login.Proxy != null && login.Proxy.IsAbsoluteUri && login.Proxy.UserInfo.Length > 0)
            {
                throw new MailboxSyncException("ProxyWithAccount", ErrorCategory.InvalidArgument, "-Proxy holds an account.", "Give the account with -ProxyCredential: a secret has no place in an address.");
            }
            var proxy = login.NoProxy ? null : login.Proxy ?? SystemProxy.For(login.Uri);
            if (proxy == null) { return null; }
            var system = login.Proxy == null && login.ProxyCredential == null ? SystemProxy.CredentialFor(proxy) : null;
            // Without the account that a proxy variable may hold.
            var address = proxy.IsAbsoluteUri ? proxy.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped) : proxy.OriginalString;
            cmdlet.WriteVerbose("Proxy: " + address);
            using (var settings = new RequestBuffer(new ProxySettings { Uri = address, Username = login.ProxyCredential?.UserName ?? system?.UserName }))
            {
                settings.AddSecret("password", login.ProxyCredential?.Password ?? system?.SecurePassword);
                request.AddObject("proxy", settings);
            }
            return address;
        }
    }
}
