using System;
using System.Collections.Generic;
using System.Globalization;
using System.Management.Automation;
using System.Text;

namespace EsgMailboxSync.Exchange
{
    /// <summary>A call of an Exchange cmdlet, without the prefix that a session may have put into its name.</summary>
    internal sealed class ExchangeCall
    {
        /// <summary>Rows that Exchange returns when nobody says otherwise (exo 2.3).</summary>
        private const int DefaultLimit = 1000;

        private readonly List<KeyValuePair<string, object>> _needed = new List<KeyValuePair<string, object>>();
        private readonly List<KeyValuePair<string, object>> _wished = new List<KeyValuePair<string, object>>();

        /// <param name="command">For example <c>Get-Mailbox</c>.</param>
        public ExchangeCall(string command)
        {
            Command = command;
        }

        public string Command { get; }

        /// <summary>A call for one object. An empty identity would return all objects (exo 1.8), so it is refused here.</summary>
        public static ExchangeCall For(string command, string identity)
        {
            if (string.IsNullOrWhiteSpace(identity)) { throw new ArgumentException("empty identity", nameof(identity)); }
            return new ExchangeCall(command).With("Identity", identity);
        }

        /// <summary>A parameter that the call means nothing without.</summary>
        public ExchangeCall With(string name, object value)
        {
            _needed.Add(new KeyValuePair<string, object>(name, value));
            return this;
        }

        /// <summary>A parameter that older or on-premises commands may lack.</summary>
        public ExchangeCall Wish(string name, object value)
        {
            _wished.Add(new KeyValuePair<string, object>(name, value));
            return this;
        }

        /// <summary>All rows. Where the command takes no -ResultSize, its own limit holds.</summary>
        public ExchangeCall Unlimited()
        {
            return Wish("ResultSize", "Unlimited");
        }

        /// <summary>The most rows that the command will give; null for no limit.</summary>
        public int? Limit(CommandInfo command)
        {
            return command.Parameters.ContainsKey("ResultSize") && _wished.Exists(p => p.Key == "ResultSize") ? (int?)null : DefaultLimit;
        }

        /// <summary>A parameter that the call means nothing without and the command does not have; null when all are there.</summary>
        public string Missing(CommandInfo command)
        {
            return _needed.Find(parameter => !command.Parameters.ContainsKey(parameter.Key)).Key;
        }

        /// <summary>Adds the call to an empty pipeline; what it warns about comes out beside the rows, whatever the caller's preferences are.</summary>
        public void AddTo(PowerShell shell, CommandInfo command)
        {
            shell.AddCommand(command.Name);
            foreach (var parameter in _needed) { shell.AddParameter(parameter.Key, parameter.Value); }
            AddIfKnown(shell, command, _wished);
            AddIfKnown(shell, command, new[]
            {
                new KeyValuePair<string, object>("ErrorAction", ActionPreference.Stop),
                new KeyValuePair<string, object>("WarningAction", ActionPreference.Continue),
            });
            shell.Commands.Commands[0].MergeMyResults(
                System.Management.Automation.Runspaces.PipelineResultTypes.Warning, System.Management.Automation.Runspaces.PipelineResultTypes.Output);
        }

        /// <summary>As one would type it.</summary>
        public override string ToString()
        {
            var text = new StringBuilder(Command);
            foreach (var parameter in _needed)
            {
                var value = parameter.Value is string[] list ? string.Join(",", list) : Convert.ToString(parameter.Value, CultureInfo.InvariantCulture);
                text.Append(" -").Append(parameter.Key).Append(' ').Append(value);
            }
            return text.ToString();
        }

        private static void AddIfKnown(PowerShell shell, CommandInfo command, IEnumerable<KeyValuePair<string, object>> parameters)
        {
            foreach (var parameter in parameters)
            {
                if (command.Parameters.ContainsKey(parameter.Key)) { shell.AddParameter(parameter.Key, parameter.Value); }
            }
        }
    }
}
