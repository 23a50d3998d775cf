using System.Collections;
using System.Collections.Generic;
using System.Management.Automation;
using System.Management.Automation.Language;
using EsgMailboxSync.Connections;

namespace EsgMailboxSync.Cmdlets
{
    /// <summary>A cmdlet that works on one connected appliance.</summary>
    public abstract class TargetCmdlet : EngineCmdlet
    {
        private protected TargetCmdlet()
        {
        }

        /// <summary>Name of the connection; needed when there are several.</summary>
        [Parameter]
        [ValidateNotNullOrEmpty]
        [ArgumentCompleter(typeof(TargetCompleter))]
        public virtual string Target { get; set; }

        /// <summary>The connection that is meant.</summary>
        internal EsgConnection Connection => ConnectionTable.Current.Select(Target);
    }

    /// <summary>Names of the connections of this session.</summary>
    public sealed class TargetCompleter : IArgumentCompleter
    {
        /// <inheritdoc/>
        public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
        {
            var pattern = WildcardPattern.Get((wordToComplete ?? string.Empty).Trim('\'', '"') + "*", WildcardOptions.IgnoreCase);
            foreach (var name in ConnectionTable.Current.Names)
            {
                if (pattern.IsMatch(name)) { yield return new CompletionResult(name.Contains(" ") ? "'" + name + "'" : name, name, CompletionResultType.ParameterValue, name); }
            }
        }
    }
}
