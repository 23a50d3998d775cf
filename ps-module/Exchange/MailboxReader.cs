using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using EsgMailboxSync.Cmdlets;

namespace EsgMailboxSync.Exchange
{
    /// <summary>Finds the mailboxes to read: all of the wanted types, those of a filter, or a list.</summary>
    internal sealed class MailboxReader
    {
        private const string Command = "Get-Mailbox";

        private readonly EngineCmdlet _cmdlet;
        private readonly ExchangeSession _session;
        private readonly TenantReadOptions _options;
        private readonly RecipientTable _recipients;
        private readonly Dictionary<string, MailboxRow> _found = new Dictionary<string, MailboxRow>(StringComparer.Ordinal);
        private readonly List<MailboxRow> _mailboxes = new List<MailboxRow>();
        private int _otherTypes;
        private int _otherShards;
        private int _softDeleted;

        public MailboxReader(EngineCmdlet cmdlet, ExchangeSession session, TenantReadOptions options, RecipientTable recipients)
        {
            _cmdlet = cmdlet;
            _session = session;
            _options = options;
            _recipients = recipients;
        }

        /// <summary>The mailboxes, each with a key and an entry in the table of recipients.</summary>
        /// <exception cref="MailboxSyncException">The list failed, or there is no mailbox: never an empty world.</exception>
        public IReadOnlyList<MailboxRow> Read(out ReadOutcome outcome)
        {
            outcome = _options.Identities == null ? ReadAll() : ReadEach();
            if (_otherTypes > 0)
            {
                _cmdlet.Warn(string.Format(CultureInfo.CurrentCulture, "{0} of the mailboxes are of other types than {1} and were left out.", _otherTypes, Types), "-RecipientTypeDetails takes them in.");
            }
            if (_softDeleted > 0)
            {
                _cmdlet.Warn(string.Format(CultureInfo.CurrentCulture, "{0} of the mailboxes are soft-deleted and were left out: nobody can open them.", _softDeleted), "Restore them first, if they are wanted.");
            }
            // A small tenant may leave a part without any, and that is then no empty world.
            if (_mailboxes.Count == 0 && _otherShards == 0) { throw NoMailbox(outcome); }
            return _mailboxes;
        }

        private string Types => string.Join(", ", _options.RecipientTypes);

        private ReadOutcome ReadAll()
        {
            var call = new ExchangeCall(Command).With("RecipientTypeDetails", _options.RecipientTypes.ToArray()).Unlimited();
            if (_options.Filter != null) { call.With("Filter", _options.Filter); }
            var outcome = _session.Run(call, row => Take(RowNormalizer.Mailbox(row)));
            _cmdlet.Progress.Complete();
            if (outcome.Status == ReadStatus.Complete || outcome.Status == ReadStatus.Truncated) { return outcome; }
            throw new MailboxSyncException(
                "MailboxListFailed", ErrorCategory.ReadError, "Get-Mailbox failed: " + outcome.Reason, "Check that the filter and the types are right, then try again.");
        }

        private ReadOutcome ReadEach()
        {
            var outcome = ReadOutcome.Complete;
            foreach (var identity in _options.Identities)
            {
                var given = identity.BaseObject is string ? null : RowNormalizer.Mailbox(identity);
                if (given != null && IsEnough(given)) { Take(given); }
                else { outcome = outcome.And(ReadOne(given == null ? RowValue.TextOf(identity) : IdentityOf(given), identity)); }
            }
            _cmdlet.Progress.Complete();
            return outcome;
        }

        /// <summary>A mailbox object tells all that Get-Mailbox would tell again, so the call is saved.</summary>
        private bool IsEnough(MailboxRow mailbox)
        {
            return mailbox.Guid != null && mailbox.Addresses != null && mailbox.Type != null
                && (mailbox.SendOnBehalf != null || !_options.Reads(Right.SendOnBehalf));
        }

        public static string IdentityOf(MailboxRow mailbox)
        {
            return mailbox.Guid ?? mailbox.DirectoryId ?? mailbox.Primary ?? mailbox.Upn ?? mailbox.Identity ?? mailbox.Name;
        }

        private ReadOutcome ReadOne(string text, PSObject identity)
        {
            if (text == null) { return NotFound(identity, "it names no mailbox"); }
            var rows = new List<MailboxRow>();
            var outcome = _session.Run(ExchangeCall.For(Command, text), row => rows.Add(RowNormalizer.Mailbox(row)));
            if (!outcome.IsComplete) { return NotFound(identity, outcome.Reason); }
            if (rows.Count != 1)
            {
                return NotFound(identity, string.Format(CultureInfo.InvariantCulture, "it names {0} mailboxes", rows.Count));
            }
            Take(rows[0]);
            return outcome;
        }

        private void Take(MailboxRow mailbox)
        {
            if (mailbox.SoftDeleted == true)
            {
                _softDeleted++;
                return;
            }
            if (mailbox.Type != null && !_options.RecipientTypes.Contains(mailbox.Type, StringComparer.OrdinalIgnoreCase))
            {
                _otherTypes++;
                return;
            }
            mailbox.Key = _recipients.Merge(mailbox, out _).Key;
            if (_options.Shard?.Holds(mailbox.Key) == false)
            {
                _otherShards++;
                return;
            }
            if (_found.ContainsKey(mailbox.Key)) { return; }
            _found.Add(mailbox.Key, mailbox);
            _mailboxes.Add(mailbox);
            _cmdlet.Progress.Report("Reading mailboxes", _mailboxes.Count.ToString(CultureInfo.InvariantCulture), _mailboxes.Count, _options.Identities?.Count ?? 0);
        }

        private ReadOutcome NotFound(PSObject identity, string reason)
        {
            var error = new MailboxSyncException(
                "MailboxNotFound",
                ErrorCategory.ObjectNotFound,
                "The mailbox '" + identity + "' could not be read: " + reason.TrimEnd('.') + ".",
                "Name it by GUID or address, as Get-Mailbox takes it.",
                identity);
            // The only one: then there is nothing to go on with, and nothing to add.
            if (_options.Identities.Count == 1) { throw error; }
            _cmdlet.WriteError(error.ErrorRecord);
            return ReadOutcome.Failed(error.Message);
        }

        private MailboxSyncException NoMailbox(ReadOutcome outcome)
        {
            if (_options.Identities != null && _options.Identities.Count == 0)
            {
                return new MailboxSyncException(
                    "NoMailbox", ErrorCategory.ObjectNotFound, "The pipeline gave no mailbox.", "Check the command before it: none at all is never taken for all.");
            }
            return new MailboxSyncException(
                "NoMailbox",
                ErrorCategory.ObjectNotFound,
                "Exchange shows no mailbox of the types " + Types + (_options.Filter == null ? "." : " for the filter " + _options.Filter + "."),
                outcome.IsComplete ? "Check -RecipientTypeDetails, -Filter, and whether the account may see the mailboxes." : "Check the names of the mailboxes.");
        }
    }
}
