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
        private const int VanishedNamed = 5;

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
                // Also when the session ends in the middle of a phase.
                try { return new TenantReader(cmdlet, options, session).Read(); }
                finally { cmdlet.Progress.Complete(); }
            }
        }

        private MailboxDelegationSnapshot Read()
        {
            var recipients = new RecipientTable();
            // First: a read that cannot be continued should say so before anything is asked.
            using (var builder = new SnapshotBuilder(_cmdlet, _options.ToHeader(_session.Tenant, _options.Whole), _options.Path, recipients, _options.Resume))
            {
                var mailboxes = new MailboxReader(_cmdlet, _session, _options, recipients).Read(out var outcome);
                foreach (var mailbox in mailboxes) { builder.Writer.Mailbox(mailbox.Key, mailbox); }
                builder.Read("mailboxes", outcome);
                try
                {
                    var done = Resume(builder);
                    if (_options.AsksForAll) { ReadSoftDeleted(builder, mailboxes); }
                    ReadRecipients(builder);
                    if (_options.Since != null && _options.Reads(Right.FullAccess)) { done.UnionWith(new DeltaReader(_cmdlet, _session, builder).CarryOver(_options)); }
                    if (_options.Reads(Right.FullAccess)) { ReadPermissions(builder, mailboxes, done); }
                    if (_options.Reads(Right.SendAs)) { ReadSendAs(builder, mailboxes); }
                    new GroupReader(_cmdlet, _session, builder).ReadAll(_options.ToResolveOptions());
                    return builder.Finish();
                }
                catch (MailboxSyncException error) when (error.Code == ExchangeSession.LostCode && _options.Path != null)
                {
                    throw new MailboxSyncException(
                        error.Code, error.ErrorRecord.CategoryInfo.Category, error.Message + " " + Partial, "Connect again with 'Connect-ExchangeOnline'; " + SameCommand, _options.Path, error);
                }
                catch (PipelineStoppedException) when (_options.Path != null)
                {
                    // A stopped pipeline takes no more records; the host still shows what is written to it.
                    _cmdlet.Host?.UI?.WriteWarningLine(Partial + " Later " + SameCommand);
                    throw;
                }
            }
        }

        private string Partial => "The rows that were read until then are in '" + _options.Path + ".partial'; '" + _options.Path + "' itself was not touched.";

        private string SameCommand => "the same command" + (_options.Resume.HasValue ? string.Empty : " with -Resume") + " goes on where it was.";

        /// <summary>The keys of the mailboxes whose rows a read that broke off has left.</summary>
        private HashSet<string> Resume(SnapshotBuilder builder)
        {
            if (!_options.Resume.HasValue) { return new HashSet<string>(); }
            var reply = builder.Resume();
            _cmdlet.WriteVerbose(string.Format(
                CultureInfo.InvariantCulture,
                "Of the read that broke off the rows of {0} mailboxes are taken over; {1} are too old, {2} had not come completely.{3}",
                reply.Mailboxes.Length,
                reply.Stale,
                reply.Unfinished,
                reply.WasCut ? " Its last line was cut in the middle; that mailbox is read again." : string.Empty));
            if (reply.Vanished.Length > 0)
            {
                _cmdlet.Warn(
                    string.Format(
                        CultureInfo.CurrentCulture,
                        "{0} mailboxes were read before and are not listed any more; their rows are left out: {1}{2}",
                        reply.Vanished.Length,
                        string.Join(", ", reply.Vanished.Take(VanishedNamed)),
                        reply.Vanished.Length > VanishedNamed ? " and others." : "."),
                    "If they were not deleted, check that the session and the filter are those of the first read.");
            }
            return new HashSet<string>(reply.Mailboxes, StringComparer.Ordinal);
        }

        private void ReadSoftDeleted(SnapshotBuilder builder, IReadOnlyList<MailboxRow> mailboxes)
        {
            var outcome = new SoftDeletedReader(_cmdlet, _session, builder, mailboxes).Read();
            builder.Read("softDeleted", outcome);
            if (outcome.IsComplete) { return; }
            var text = "The soft-deleted mailboxes were not read completely, so no mailbox can be proved gone and no alias is removed on that account: " + outcome.Reason;
            // Where Exchange has no such list, nothing is amiss.
            if (outcome.Status == ReadStatus.Unsupported) { _cmdlet.WriteVerbose(text); }
            else { _cmdlet.Warn(text, SeeWhatLacks); }
        }

        private void ReadRecipients(SnapshotBuilder builder)
        {
            var outcome = new RecipientReader(_cmdlet, _session, builder.Recipients).Read();
            foreach (var recipient in builder.Recipients.Entries) { builder.Writer.Recipient(recipient); }
            builder.Read("recipients", outcome);
            Tell("recipients", outcome);
        }

        private void ReadPermissions(SnapshotBuilder builder, IReadOnlyList<MailboxRow> mailboxes, HashSet<string> done)
        {
            var tally = new ReadTally("mailboxes");
            var current = done.Count;
            foreach (var mailbox in mailboxes.Where(mailbox => !done.Contains(mailbox.Key)))
            {
                var position = string.Format(CultureInfo.InvariantCulture, "Mailbox {0} of {1}: {2}", current + 1, mailboxes.Count, mailbox.Label);
                _cmdlet.Progress.Report(Activity, position, current++, mailboxes.Count);
                var since = DateTime.UtcNow;
                builder.Read("mailbox:" + mailbox.Key, tally.Add(ReadPermissions(builder, mailbox)), since);
            }
            _cmdlet.Progress.Complete();
            tally.Warn(_cmdlet);
        }

        private ReadOutcome ReadPermissions(SnapshotBuilder builder, MailboxRow mailbox)
        {
            var identity = MailboxReader.IdentityOf(mailbox);
            if (identity == null) { return ReadOutcome.Failed("The mailbox has neither an id nor a name to ask for."); }
            var call = ExchangeCall.For("Get-MailboxPermission", identity)
                .Wish("IncludeUnresolvedPermissions", SwitchParameter.Present)
                .Unlimited();
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

        /// <summary>What to do when a list did not come.</summary>
        public const string SeeWhatLacks = "Test-MailboxSyncPrerequisite tells whether the account lacks a role; else read again.";

        /// <summary>Every mailbox has the row of its own account, so none at all is no answer.</summary>
        public const string NoRow = "There is no row for the mailbox, not even NT AUTHORITY\\SELF.";

        private void ReadSendAs(SnapshotBuilder builder, IReadOnlyList<MailboxRow> mailboxes)
        {
            var tenantWide = _session.Tenant.IsCloud || _session.Has("Get-RecipientPermission");
            var outcome = tenantWide ? ReadSendAsRows(builder, mailboxes) : new AdPermissionReader(_cmdlet, _session, builder).Read(mailboxes);
            builder.Read("sendAs", outcome);
            Tell("SendAs permissions", outcome);
        }

        private ReadOutcome ReadSendAsRows(SnapshotBuilder builder, IReadOnlyList<MailboxRow> mailboxes)
        {
            var rows = new SendAsRows(builder, mailboxes);
            var outcome = _session.Run(new ExchangeCall("Get-RecipientPermission").Unlimited(), row =>
            {
                var read = rows.Take(row);
                _cmdlet.Progress.Report("Reading SendAs permissions", read.ToString(CultureInfo.InvariantCulture), read, 0);
            });
            _cmdlet.Progress.Complete();
            return outcome.And(rows.Outcome);
        }

        private void Tell(string what, ReadOutcome outcome)
        {
            if (!outcome.IsComplete)
            {
                _cmdlet.Warn("The " + what + " were not read completely; mailboxes that need them count as unknown and lose nothing: " + outcome.Reason, SeeWhatLacks);
            }
        }
    }
}
