using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using EsgMailboxSync.Interop;

namespace EsgMailboxSync.Cmdlets
{
    /// <summary>A cmdlet that shows delegations, with the options that say what counts as one.</summary>
    public abstract class DelegationCmdlet : EngineCmdlet
    {
        private protected DelegationCmdlet()
        {
        }

        /// <summary>Only these rights; without it those that the snapshot has, or both snapshots.</summary>
        [Parameter]
        [ValidateNotNullOrEmpty]
        public Right[] Right { get; set; }

        /// <summary>Which groups are expanded to their people.</summary>
        [Parameter]
        public ExpandGroup ExpandGroup { get; set; } = ExpandGroup.Security;

        /// <summary>Inherited permissions count too.</summary>
        [Parameter]
        public SwitchParameter IncludeInherited { get; set; }

        /// <summary>RecipientTypeDetails that count as people although they are not, for example SharedMailbox.</summary>
        [Parameter]
        [ValidateNotNullOrEmpty]
        public string[] IncludeDelegateType { get; set; }

        /// <summary>The options as the engine takes them; <paramref name="otherwise"/> where -Right was not given.</summary>
        internal ResolveOptions Options(IEnumerable<string> otherwise)
        {
            return new ResolveOptions
            {
                Rights = (Right?.Select(right => right.ToString()).Distinct() ?? otherwise).ToArray(),
                ExpandGroup = ExpandGroup.ToString(),
                IncludeInherited = IncludeInherited,
                IncludeDelegateType = IncludeDelegateType,
            };
        }

        /// <summary>Tells of the names that nothing has.</summary>
        internal void WriteNotFound(DelegationsReply reply, string whoHasNone)
        {
            foreach (var name in reply.UnknownMailboxes) { WriteNotFound("MailboxNotFound", "mailbox", name, whoHasNone); }
            foreach (var name in reply.UnknownDelegates) { WriteNotFound("DelegateNotFound", "recipient", name, whoHasNone); }
        }
    }
}
