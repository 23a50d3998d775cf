using System;
using System.Collections.Generic;
using System.IO;
using System.Management.Automation;
using System.Security;
using EsgMailboxSync.Cmdlets;
using EsgMailboxSync.Interop;

namespace EsgMailboxSync.Configuration
{
    /// <summary>Fetches a secret from where a configuration says it is kept. Texts and errors name the place, never the secret.</summary>
    internal static class SecretReader
    {
        private const string GetSecret = "Get-Secret";
        private static readonly char[] Separators = { '/', '\\' };

        /// <summary>User name (null where the place tells none) and secret.</summary>
        /// <exception cref="MailboxSyncException">It is not there, or this account may not read it.</exception>
        public static SecureString Read(EngineCmdlet cmdlet, SecretSource source, out string userName)
        {
            userName = null;
            if (source.Secret != null) { return FromVault(cmdlet, source, out userName); }
            if (source.DpapiFile != null) { return FromProtectedFile(cmdlet, source.DpapiFile); }
            return source.Environment != null ? FromEnvironment(source.Environment) : FromSystemd(source.SystemdCredential);
        }

        private static SecureString FromVault(EngineCmdlet cmdlet, SecretSource source, out string userName)
        {
            var what = $"The secret '{source.Secret}'" + (source.Vault == null ? string.Empty : $" of the vault '{source.Vault}'");
            var call = CommandCall.Of(cmdlet, GetSecret);
            if (call == null)
            {
                throw Missing(what + " cannot be read: there is no command Get-Secret.", "Install the module Microsoft.PowerShell.SecretManagement and a vault for the account that runs this, or name another place of the secret.", source.Secret);
            }
            PSObject found;
            try { found = First(call.With("Name", source.Secret).With("Vault", source.Vault).Run()); }
            catch (RuntimeException error) { throw Missing(what + " cannot be read: " + error.Message, "Run Get-Secret as the account that runs this; a vault that asks for its password cannot serve a task.", source.Secret, error); }
            userName = (found?.BaseObject as PSCredential)?.UserName;
            switch (found?.BaseObject)
            {
                case SecureString secret: return secret;
                case PSCredential credential: return credential.Password;
                case string text when text.Length > 0: return Secure(text);
                default: throw Missing(what + " is no text and no credential.", "Store it with Set-Secret as a SecureString, a text or a PSCredential.", source.Secret);
            }
        }

        private static PSObject First(IReadOnlyList<PSObject> found)
        {
            return found.Count == 0 ? null : found[0];
        }

        private static SecureString FromProtectedFile(EngineCmdlet cmdlet, string path)
        {
            var reply = cmdlet.Call<SecretReply>(Method.ReadProtected, new PathRequest { Path = path });
            var secret = new SecureString();
            foreach (var unit in reply.Units) { secret.AppendChar((char)unit); }
            Array.Clear(reply.Units, 0, reply.Units.Length);
            secret.MakeReadOnly();
            return secret;
        }

        private static SecureString FromEnvironment(string name)
        {
            var text = Environment.GetEnvironmentVariable(name);
            return string.IsNullOrEmpty(text)
                ? throw Missing($"The environment variable '{name}' is not set.", "Set it for the process that runs this.", name)
                : Secure(text);
        }

        private static SecureString FromSystemd(string name)
        {
            const string FolderVariable = "CREDENTIALS_DIRECTORY";
            var what = $"The systemd credential '{name}' cannot be read: ";
            var advice = $"Run this as a service of systemd with LoadCredentialEncrypted={name}, as Register-MailboxSyncTask writes it.";
            if (name.Length == 0 || name.IndexOfAny(Separators) >= 0 || name[0] == '.') { throw Missing(what + "it is no name of a credential.", advice, name); }
            var folder = Environment.GetEnvironmentVariable(FolderVariable);
            if (string.IsNullOrEmpty(folder)) { throw Missing(what + FolderVariable + " is not set.", advice, name); }
            string text;
            try { text = File.ReadAllText(Path.Combine(folder, name)); }
            catch (Exception error) when (error is IOException || error is UnauthorizedAccessException) { throw Missing(what + error.Message, advice, name, error); }
            // An editor ends a file with a line end, which is no part of a password.
            text = text.EndsWith("\r\n", StringComparison.Ordinal) ? text.Substring(0, text.Length - 2) : text.EndsWith("\n", StringComparison.Ordinal) ? text.Substring(0, text.Length - 1) : text;
            return text.Length == 0 ? throw Missing(what + "it is empty.", advice, name) : Secure(text);
        }

        private static SecureString Secure(string text)
        {
            var secret = new SecureString();
            foreach (var unit in text) { secret.AppendChar(unit); }
            secret.MakeReadOnly();
            return secret;
        }

        private static MailboxSyncException Missing(string message, string advice, string name, Exception inner = null)
        {
            return new MailboxSyncException("SecretNotRead", ErrorCategory.ResourceUnavailable, message, advice, name, inner);
        }
    }
}
