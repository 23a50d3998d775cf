using System;
using System.IO;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EsgMailboxSync.Interop;

namespace EsgMailboxSync.Connections
{
    /// <summary>What the computer needs: versions, the folder of the state file, and the certificate of the app for Exchange.</summary>
    internal static class MachinePrerequisites
    {
        public const string ExchangeModuleName = "ExchangeOnlineManagement";
        private const string PowerShellName = "PowerShell";
        private const string StateName = "State folder";
        private const string AppCertificateName = "Exchange certificate";
        private static readonly Version OldestDesktop = new Version(5, 1);
        private static readonly Version OldestCore = new Version(7, 4);
        private static readonly Version OldestExchangeModule = new Version(3, 0);

        /// <summary>Of the versions from here on the module runs in PowerShell 7.6 and later, or in Windows PowerShell (exo 4.3).</summary>
        private static readonly Version ExchangeModuleForNewCore = new Version(3, 10);
        private static readonly Version NewCore = new Version(7, 6);
        private static readonly TimeSpan EndsSoon = TimeSpan.FromDays(30);

        /// <summary>The PowerShell that runs this.</summary>
        public static MailboxSyncPrerequisite PowerShell(Version version, bool isCore)
        {
            const string NeededFor = "Running this module";
            var detail = (isCore ? "PowerShell " : "Windows PowerShell ") + version + ".";
            return version >= (isCore ? OldestCore : OldestDesktop)
                ? new MailboxSyncPrerequisite(PowerShellName, PrerequisiteStatus.Ok, NeededFor, detail)
                : new MailboxSyncPrerequisite(PowerShellName, PrerequisiteStatus.Missing, NeededFor, detail, "Install PowerShell " + OldestCore + " or later, or use Windows PowerShell " + OldestDesktop + ".");
        }

        /// <summary>The module that connects to Exchange Online.</summary>
        /// <param name="version">Its version; null when the session does not know it.</param>
        /// <param name="powerShell">Version of PowerShell.</param>
        /// <param name="isCore">PowerShell 7, not Windows PowerShell.</param>
        public static MailboxSyncPrerequisite ExchangeModule(Version version, Version powerShell, bool isCore)
        {
            const string NeededFor = "Connecting to Exchange Online; Exchange on-premises does not need it";
            const string Install = "Install-Module ExchangeOnlineManagement -Scope AllUsers";
            if (version == null)
            {
                return new MailboxSyncPrerequisite(ExchangeModuleName, PrerequisiteStatus.NotChecked, NeededFor, "The session does not have it.", "For Exchange Online: " + Install);
            }
            var detail = "Version " + version + ".";
            if (version < OldestExchangeModule) { return new MailboxSyncPrerequisite(ExchangeModuleName, PrerequisiteStatus.Missing, NeededFor, detail, "Version " + OldestExchangeModule + " or later is needed: " + Install + " -Force"); }
            return isCore && version >= ExchangeModuleForNewCore && powerShell < NewCore
                ? new MailboxSyncPrerequisite(ExchangeModuleName, PrerequisiteStatus.Missing, NeededFor, detail + " It needs PowerShell " + NewCore + "; this is " + powerShell + ".", "Install PowerShell " + NewCore + " or later, use Windows PowerShell, or: " + Install + " -MaximumVersion 3.9.99")
                : new MailboxSyncPrerequisite(ExchangeModuleName, PrerequisiteStatus.Ok, NeededFor, detail);
        }

        /// <summary>The state file, or where it would be made. A file is made and removed where there is none yet; nothing else is changed.</summary>
        public static MailboxSyncPrerequisite State(string file)
        {
            const string NeededFor = "Removing what was added earlier, finishing and undoing runs";
            try
            {
                if (File.Exists(file))
                {
                    using (new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete)) { }
                    return new MailboxSyncPrerequisite(StateName, PrerequisiteStatus.Ok, NeededFor, file + ".");
                }
                var folder = Nearest(Path.GetDirectoryName(file));
                using (new FileStream(Path.Combine(folder, "." + Guid.NewGuid().ToString("n")), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose)) { }
                return new MailboxSyncPrerequisite(StateName, PrerequisiteStatus.Ok, NeededFor, file + ", made by the first plan.");
            }
            catch (Exception error) when (error is IOException || error is UnauthorizedAccessException || error is NotSupportedException)
            {
                return new MailboxSyncPrerequisite(
                    StateName,
                    PrerequisiteStatus.Missing,
                    NeededFor,
                    file + ": " + error.Message,
                    "Give " + EsgConnector.Account + " the right to write to " + Path.GetDirectoryName(file) + " and the files in it, or name another folder with -StatePath, the same for everybody who runs this.");
            }
        }

        /// <summary>The certificate that a configuration names for the app at Exchange Online.</summary>
        public static MailboxSyncPrerequisite AppCertificate(ExchangeSettings exchange, Func<System.Security.SecureString> password)
        {
            const string NeededFor = "Connecting to Exchange Online without a person";
            if (exchange.ManagedIdentity == true) { return new MailboxSyncPrerequisite(AppCertificateName, PrerequisiteStatus.Ok, NeededFor, "Not needed: the managed identity of this machine is used."); }
            try
            {
                using (var certificate = exchange.CertificateFile != null ? FromFile(exchange.CertificateFile, password()) : FromStore(exchange.CertificateThumbprint))
                {
                    if (certificate == null)
                    {
                        return new MailboxSyncPrerequisite(AppCertificateName, PrerequisiteStatus.Missing, NeededFor, "There is no certificate " + exchange.CertificateThumbprint + " in the stores of this account and this machine.", "Import it, with its private key, for the account that runs the task: Import-PfxCertificate; on Linux use certificateFile.");
                    }
                    var detail = certificate.Subject + ", valid until " + certificate.NotAfter.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture) + ".";
                    const string Renew = "Make a new certificate, add it to the app registration, and name it in the configuration.";
                    if (!certificate.HasPrivateKey) { return new MailboxSyncPrerequisite(AppCertificateName, PrerequisiteStatus.Missing, NeededFor, detail + " Its private key is not there, or this account may not use it.", "Import it with its private key, and let the account read that."); }
                    return certificate.NotAfter < DateTime.Now + EndsSoon
                        ? new MailboxSyncPrerequisite(AppCertificateName, PrerequisiteStatus.Missing, NeededFor, detail, Renew)
                        : new MailboxSyncPrerequisite(AppCertificateName, PrerequisiteStatus.Ok, NeededFor, detail);
                }
            }
            catch (Exception error) when (error is CryptographicException || error is IOException || error is UnauthorizedAccessException || error is MailboxSyncException)
            {
                var known = error as MailboxSyncException;
                return new MailboxSyncPrerequisite(AppCertificateName, PrerequisiteStatus.Missing, NeededFor, (exchange.CertificateFile ?? exchange.CertificateThumbprint) + ": " + error.Message, known?.RecommendedAction ?? "Check the file, and its password with certificatePasswordFrom.");
            }
        }

        private static string Nearest(string folder)
        {
            while (!Directory.Exists(folder) && !File.Exists(folder)) { folder = Path.GetDirectoryName(folder); }
            return folder;
        }

        private static X509Certificate2 FromFile(string file, System.Security.SecureString password)
        {
            // Never kept in a store: it is only looked at.
            return new X509Certificate2(File.ReadAllBytes(file), password);
        }

        private static X509Certificate2 FromStore(string thumbprint)
        {
            foreach (var location in new[] { StoreLocation.CurrentUser, StoreLocation.LocalMachine })
            {
                using (var store = new X509Store(StoreName.My, location))
                {
                    try { store.Open(OpenFlags.ReadOnly | OpenFlags.OpenExistingOnly); }
                    catch (CryptographicException) { continue; }
                    var found = store.Certificates.Find(X509FindType.FindByThumbprint, thumbprint, false);
                    if (found.Count > 0) { return found[0]; }
                }
            }
            return null;
        }
    }
}
