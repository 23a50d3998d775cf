using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Linq;
using EsgMailboxSync.Interop;

namespace EsgMailboxSync
{
    /// <summary>A step of the trail from a grant to a person: the trustee of the permission first, then a member of the step before, the delegate last.</summary>
    public sealed class MailboxDelegationStep
    {
        private readonly string _group;
        private readonly bool _inherited;

        private MailboxDelegationStep(TrailStep step, string group, string mailbox, Right right, bool inherited)
        {
            Mailbox = mailbox;
            Right = right;
            Kind = View.Member<TrailStepKind>(step.Kind);
            Name = step.Name;
            Id = step.Id;
            Address = step.Address;
            Type = step.RecipientType;
            _group = group;
            _inherited = inherited;
        }

        /// <summary>Display name of the mailbox.</summary>
        public string Mailbox { get; }

        /// <summary>The right that is passed on.</summary>
        public Right Right { get; }

        /// <summary>Group, or Person for the last step.</summary>
        public TrailStepKind Kind { get; }

        /// <summary>As Trail shows it: a group by its display name, a person by address.</summary>
        public string Name { get; }

        /// <summary>GUID at Exchange.</summary>
        public string Id { get; }

        /// <summary>Primary address; null when Exchange shows none.</summary>
        public string Address { get; }

        /// <summary>RecipientTypeDetails.</summary>
        public string Type { get; }

        /// <summary>Why it is in the trail: it has the permission, or is a member of the group before.</summary>
        public string Reason => _group != null ? "is a member of " + _group : (_inherited ? "inherits " : "has ") + Right + " on " + Mailbox;

        /// <inheritdoc/>
        public override string ToString()
        {
            return Name;
        }

        internal static IReadOnlyList<MailboxDelegationStep> Steps(TrailStep[] trail, string mailbox, Right right, bool inherited)
        {
            trail = trail ?? Array.Empty<TrailStep>();
            return new ReadOnlyCollection<MailboxDelegationStep>(
                trail.Select((step, i) => new MailboxDelegationStep(step, i == 0 ? null : trail[i - 1].Name, mailbox, right, inherited)).ToArray());
        }

        internal static IReadOnlyList<string> Names(TrailStep[] trail)
        {
            return View.List(trail, step => step.Name);
        }
    }
}
