using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using EsgMailboxSync.Cmdlets;

namespace EsgMailboxSync.Exchange
{
    /// <summary>Reads a tenant into a snapshot, in the order that lets every part be resolved (design 4).</summary>
    internal sealed class TenantReader
    {
        private const string Activity = "Reading mailbox permissions";

        private readonly EngineCmdlet _cmdlet;
        private readonly TenantReadOptions _options;
        private readonly ExchangeSession _session;

        private TenantReader(EngineCmdlet cmdlet, TenantReadOptions options, ExchangeSession session)
        {
            _cmdlet = cmdlet;
            _options = options;
            _session = session;
        }

        /// <summary>Reads the Exchange session of this runspace. Call on the pipeline thread; Ctrl+C of the cmdlet ends it.</summary>
        /// <exception cref="MailboxSyncException">No session, no mailbox, or the session ended; with a path, the rows so far stay in <c>PATH.partial</c>.</exception>
        public static MailboxDelegationSnapshot Read(EngineCmdlet cmdlet, TenantReadOptions options)
        {
            using (var session = ExchangeSession.Open(cmdlet, options.Prefix))
            {
                return new TenantReader(cmdlet, options, session).Read();
            }
        }

        private MailboxDelegationSnapshot Read()
        {
            var recipients = new RecipientTable();
            var mailboxes = new MailboxReader(_cmdlet, _session, _options, recipients).Read(out var outcome);
            using (var builder = new SnapshotBuilder(_cmdlet, _options.ToHeader(_session.Tenant, _options.Whole), _options.Path, recipients))
            {
                foreach (var mailbox in mailboxes) { builder.Writer.Mailbox(mailbox.Key, mailbox); }
                builder.Read("mailboxes", outcome);
                try
                {
                    ReadRecipients(builder);
                    if (_options.Reads(Right.FullAccess)) { ReadPermissions(builder, mailboxes); }
                    if (_options.Reads(Right.SendAs)) { ReadSendAs(builder, mailboxes); }
                    new GroupReader(_cmdlet, _session, builder).ReadAll(_options.ToResolveOptions());
                    return builder.Finish();
                }
                catch (MailboxSyncException error) when (error.Code == ExchangeSession.LostCode && _options.Path != null)
                {
                    throw new MailboxSyncException(
                        error.Code, error.ErrorRecord.CategoryInfo.Category, error.Message + " " + Partial, error.RecommendedAction, _options.Path, error);
                }
                catch (PipelineStoppedException) when (_options.Path != null)
                {
                    // A stopped pipeline takes no more records; the host still shows what is written to it.
                    _cmdlet.Host?.UI?.WriteWarningLine(Partial);
                    throw;
                }
            }
        }

        private string Partial => "The rows that were read until then are in '" + _options.Path + ".partial'; '" + _options.Path + "' itself was not touched.";

        private void ReadRecipients(SnapshotBuilder builder)
        {
            var outcome = new RecipientReader(_cmdlet, _session, builder.Recipients).Read();
            foreach (var recipient in builder.Recipients.Entries) { builder.Writer.Recipient(recipient); }
            builder.Read("recipients", outcome);
            Tell("recipients", outcome);
        }

        private void ReadPermissions(SnapshotBuilder builder, IReadOnlyList<MailboxRow> mailboxes)
        {
            var tally = new ReadTally("mailboxes");
            for (var i = 0; i < mailboxes.Count; i++)
            {
                var mailbox = mailboxes[i];
                var position = string.Format(CultureInfo.InvariantCulture, "Mailbox {0} of {1}: {2}", i + 1, mailboxes.Count, mailbox.Label);
                _cmdlet.Progress.Report(Activity, position, i, mailboxes.Count);
                builder.Read("mailbox:" + mailbox.Key, tally.Add(ReadPermissions(builder, mailbox)));
            }
            _cmdlet.Progress.Complete();
            tally.Warn(_cmdlet);
        }

        private ReadOutcome ReadPermissions(SnapshotBuilder builder, MailboxRow mailbox)
        {
            var call = ExchangeCall.For("Get-MailboxPermission", mailbox.Guid ?? mailbox.DirectoryId ?? mailbox.Primary)
                .Wish("IncludeUnresolvedPermissions", SwitchParameter.Present)
                .Unlimited();
            if (mailbox.SoftDeleted == true) { call.With("SoftDeletedMailbox", SwitchParameter.Present); }
            var rows = 0;
            string fault = null;
            var outcome = _session.Run(call, row =>
            {
                var permission = RowNormalizer.Permission(row);
                fault = fault ?? RowNormalizer.Fault(permission, "User");
                rows++;
                builder.Writer.Permission(mailbox.Key, permission);
            });
            if (fault != null) { outcome = outcome.And(ReadOutcome.Failed("A row of Get-MailboxPermission " + fault + ".")); }
            return outcome.IsComplete && rows == 0 ? ReadOutcome.Failed(NoRow) : outcome;
        }

        /// <summary>Every mailbox has the row of its own account, so none at all is no answer.</summary>
        public const string NoRow = "There is no row for the mailbox, not even NT AUTHORITY\\SELF.";

        private void ReadSendAs(SnapshotBuilder builder, IReadOnlyList<MailboxRow> mailboxes)
        {
            var rows = new SendAsRows(builder, mailboxes);
            var outcome = _session.Run(new ExchangeCall("Get-RecipientPermission").Unlimited(), row =>
            {
                _cmdlet.Progress.Report("Reading SendAs permissions", rows.Take(row).ToString(CultureInfo.InvariantCulture), 0, 0);
            });
            _cmdlet.Progress.Complete();
            outcome = outcome.And(rows.Outcome);
            builder.Read("sendAs", outcome);
            Tell("SendAs permissions", outcome);
        }

        private void Tell(string what, ReadOutcome outcome)
        {
            if (!outcome.IsComplete)
            {
                _cmdlet.WriteWarning("The " + what + " were not read completely; mailboxes that need them count as unknown and lose nothing. " + outcome.Reason);
            }
        }
    }
}
