using System;
using System.Collections.Generic;
using EsgMailboxSync.Cmdlets;
using EsgMailboxSync.Interop;

namespace EsgMailboxSync.Exchange
{
    /// <summary>A snapshot that is being fed: its lines, and the objects that they speak of.</summary>
    internal sealed class SnapshotBuilder : IDisposable
    {
        private readonly EngineCmdlet _cmdlet;
        private readonly SnapshotHandle _handle;
        private bool _finished;

        /// <param name="cmdlet">For whom.</param>
        /// <param name="header">What is asked for.</param>
        /// <param name="path">The file; null to keep the snapshot in memory only.</param>
        /// <param name="recipients">The objects that its lines speak of.</param>
        /// <param name="resume">How old the rows of a read that broke off may be that is continued; null to begin anew.</param>
        /// <exception cref="MailboxSyncException">The read that broke off was another one.</exception>
        public SnapshotBuilder(EngineCmdlet cmdlet, Header header, string path, RecipientTable recipients, TimeSpan? resume = null)
        {
            _cmdlet = cmdlet;
            _handle = cmdlet.OpenSnapshot(new OpenSnapshotRequest
            {
                Header = header,
                Write = path,
                Resume = resume.HasValue ? new ResumeOptions { MaxAgeSeconds = resume.Value.TotalSeconds } : null,
            });
            Writer = new SnapshotWriter(_handle.Feed);
            Recipients = recipients;
        }

        public SnapshotWriter Writer { get; }

        public RecipientTable Recipients { get; }

        /// <summary>Ends a part. From here on it is on disk, whatever happens to this process.</summary>
        public void Read(string subject, ReadOutcome outcome, DateTime? since = null)
        {
            Writer.Read(subject, outcome.Status, outcome.Reason, since);
            Writer.Flush();
        }

        /// <summary>Takes over what a read that broke off left, of the mailboxes that were written.</summary>
        public ResumeReply Resume()
        {
            Writer.Flush();
            return _cmdlet.Call<ResumeReply>(Method.ResumeSnapshot, new SnapshotRequest { Snapshot = _handle.Number });
        }

        /// <summary>Takes over from an earlier snapshot what a log names no change of, of the mailboxes that were written.</summary>
        /// <exception cref="MailboxSyncException">The earlier snapshot is of another tenant.</exception>
        public CarryOverReply CarryOver(MailboxDelegationSnapshot earlier, string[] changed, string[] reread, TimeSpan fullEvery)
        {
            Writer.Flush();
            var request = new CarryOverRequest { Snapshot = _handle.Number, Earlier = earlier.Number, Changed = changed, Reread = reread, FullEverySeconds = fullEvery.TotalSeconds };
            var reply = _cmdlet.Call<CarryOverReply>(Method.CarryOver, request);
            GC.KeepAlive(earlier);
            return reply;
        }

        /// <summary>The groups whose members decide about a wanted right and that have no <c>read</c> line yet. The engine works that out.</summary>
        public IReadOnlyList<GroupToRead> GroupsToRead(ResolveOptions options)
        {
            Writer.Flush();
            return _cmdlet.Call<GroupsReply>(Method.GetGroupsToRead, new ResolveRequest { Snapshot = _handle.Number, Options = options }).Groups
                ?? Array.Empty<GroupToRead>();
        }

        /// <summary>Ends the snapshot; the file gets its name.</summary>
        public MailboxDelegationSnapshot Finish()
        {
            Writer.Flush();
            var reply = _cmdlet.Call<SnapshotReply>(Method.FinishSnapshot, new SnapshotRequest { Snapshot = _handle.Number });
            _finished = true;
            return new MailboxDelegationSnapshot(_handle, reply);
        }

        /// <summary>Gives up a snapshot that was not finished, but keeps the rows that came.</summary>
        public void Dispose()
        {
            if (_finished) { return; }
            try { Writer.Flush(); }
            catch (MailboxSyncException)
            {
                // What ended the read matters more, and is on its way to the user.
            }
            _handle.Dispose();
        }
    }
}
