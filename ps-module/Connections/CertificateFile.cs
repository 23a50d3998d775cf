using System;
using System.IO;
using System.Management.Automation;
using System.Text;

namespace EsgMailboxSync.Connections
{
    /// <summary>Certificates of authorities to trust, as PEM text. Windows exports DER by default, so that is taken too.</summary>
    internal static class CertificateFile
    {
        private const byte DerSequence = 0x30;

        /// <exception cref="MailboxSyncException">The file cannot be read or holds no certificate.</exception>
        internal static string ReadPem(string path)
        {
            byte[] bytes;
            try { bytes = File.ReadAllBytes(path); }
            catch (Exception error) when (error is IOException || error is UnauthorizedAccessException)
            {
                throw new MailboxSyncException("CertificateAuthorityNotRead", ErrorCategory.ReadError, $"The certificate file cannot be read: {error.Message}", "Correct -CertificateAuthority.", path, error);
            }
            if (bytes.Length > 0 && bytes[0] == DerSequence)
            {
                return "-----BEGIN CERTIFICATE-----\n" + Convert.ToBase64String(bytes, Base64FormattingOptions.InsertLineBreaks) + "\n-----END CERTIFICATE-----\n";
            }
            var text = Encoding.ASCII.GetString(bytes);
            return text.Contains("-----BEGIN CERTIFICATE-----")
                ? text
                : throw new MailboxSyncException("CertificateAuthorityInvalid", ErrorCategory.InvalidData, $"'{path}' holds no certificate.", "Give a file in PEM or DER format with the certificate of the authority.", path);
        }
    }
}
