using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using EsgMailboxSync.Interop;

namespace EsgMailboxSync.Cmdlets
{
    /// <summary>Streams the users of an appliance with their addresses.</summary>
    [Cmdlet(VerbsCommon.Get, "EsgUser")]
    [OutputType(typeof(EsgUser))]
    public sealed class GetEsgUserCommand : TargetCmdlet
    {
        private readonly List<string> _userNames = new List<string>();
        private readonly List<string> _addresses = new List<string>();

        /// <summary>Only users of these names; wildcards are allowed.</summary>
        [Parameter(Position = 0)]
        [ValidateNotNullOrEmpty]
        [SupportsWildcards]
        [ArgumentCompleter(typeof(UserCompleter))]
        public string[] UserName { get; set; }

        /// <summary>Only users who have one of these addresses; wildcards are allowed.</summary>
        [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
        [Alias("PrimarySmtpAddress")]
        [ValidateNotNullOrEmpty]
        [SupportsWildcards]
        public string[] Address { get; set; }

        /// <summary>Only functional users, which stand for shared mailboxes; with <c>:$false</c> only the others.</summary>
        [Parameter]
        public SwitchParameter Functional { get; set; }

        /// <inheritdoc/>
        protected override void ProcessRecord()
        {
            // All that is asked for is found in one walk over the users, however much comes through the pipeline.
            _userNames.AddRange(UserName ?? Array.Empty<string>());
            _addresses.AddRange(Address ?? Array.Empty<string>());
        }

        /// <inheritdoc/>
        protected override void EndProcessing()
        {
            if (MyInvocation.ExpectingInput && _userNames.Count == 0 && _addresses.Count == 0) { return; }
            var connection = Connection;
            var request = new GetUsersRequest
            {
                Connection = connection.Handle.Number,
                Functional = MyInvocation.BoundParameters.ContainsKey(nameof(Functional)) ? Functional.ToBool() : (bool?)null,
                Address = _addresses.Count == 0 ? null : _addresses.ToArray(),
                Username = _userNames.Count == 0 ? null : _userNames.ToArray(),
            };
            var events = new EventHandlers().On<UserRecord>(EventKind.User, record =>
            {
                SeenNames.Note(SeenNames.Current.Users, record.Username, null);
                WriteObject(new EsgUser(record, connection.Name));
            });
            var found = Call<CountReply>(Method.GetUsers, request, events).Count;
            GC.KeepAlive(connection);
            if (found > 0) { return; }
            var asked = _userNames.Concat(_addresses).Where(text => !WildcardPattern.ContainsWildcardCharacters(text)).ToArray();
            if (asked.Length > 0)
            {
                var names = string.Join(", ", asked);
                WriteError(new MailboxSyncException("UserNotFound", ErrorCategory.ObjectNotFound, $"'{connection.Name}' has no such user: {names}.", "Look for parts of the name with wildcards, for example -UserName '*smith*'.", names).ErrorRecord);
            }
        }
    }
}
