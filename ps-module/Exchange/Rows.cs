using System.Collections.Generic;

namespace EsgMailboxSync.Exchange
{
    /// <summary>What a row of any Exchange cmdlet tells about one object. The key is given by <see cref="RecipientTable"/>.</summary>
    internal class RecipientRow
    {
        public string Key { get; set; }

        public string Guid { get; set; }

        public string DirectoryId { get; set; }

        public string Sid { get; set; }

        public IReadOnlyList<string> SidHistory { get; set; }

        /// <summary><c>DOMAIN\sam</c>, on-premises only; of a linked mailbox that of the account it stands for.</summary>
        public string Account { get; set; }

        public string Name { get; set; }

        public string DisplayName { get; set; }

        public string Alias { get; set; }

        public string Upn { get; set; }

        public string Primary { get; set; }

        /// <summary><c>SMTP:</c> and <c>smtp:</c> addresses; null when the row did not tell.</summary>
        public IReadOnlyList<string> Addresses { get; set; }

        /// <summary>RecipientTypeDetails.</summary>
        public string Type { get; set; }

        public bool? Enabled { get; set; }

        /// <summary>Identity of the cmdlet; not written, but other rows point to the object with it.</summary>
        public string Identity { get; set; }

        /// <summary>The best name there is for a message.</summary>
        public string Label => DisplayName ?? Name ?? Primary ?? Upn ?? Identity ?? DirectoryId ?? Guid ?? "(no name)";
    }

    /// <summary>A row of Get-Mailbox.</summary>
    internal sealed class MailboxRow : RecipientRow
    {
        /// <summary>Raw texts of GrantSendOnBehalfTo (rule 4); null when it was not read.</summary>
        public IReadOnlyList<string> SendOnBehalf { get; set; }

        public bool? Hidden { get; set; }

        public bool? DirSynced { get; set; }

        public bool? SoftDeleted { get; set; }
    }

    /// <summary>A row of Get-MailboxPermission or Get-RecipientPermission.</summary>
    internal sealed class PermissionRow
    {
        public string Trustee { get; set; }

        public string Sid { get; set; }

        public IReadOnlyList<string> Rights { get; set; }

        /// <summary>Get-MailboxPermission only; null makes the mailbox unknown (rule 7).</summary>
        public bool? Deny { get; set; }

        /// <summary>Get-RecipientPermission only: Allow or Deny.</summary>
        public string Access { get; set; }

        public bool? Inherited { get; set; }

        public string Inheritance { get; set; }
    }
}
