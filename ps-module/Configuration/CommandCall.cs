using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using EsgMailboxSync.Cmdlets;

namespace EsgMailboxSync.Configuration
{
    /// <summary>A command of another module, called on the pipeline thread; Ctrl+C stops it.</summary>
    internal sealed class CommandCall
    {
        private readonly EngineCmdlet _cmdlet;
        private readonly CommandInfo _command;
        private readonly List<KeyValuePair<string, object>> _parameters = new List<KeyValuePair<string, object>>();

        private CommandCall(EngineCmdlet cmdlet, CommandInfo command)
        {
            _cmdlet = cmdlet;
            _command = command;
        }

        /// <summary>Null when the session does not know the command, nor any module that can be found.</summary>
        public static CommandCall Of(EngineCmdlet cmdlet, string name)
        {
            var command = cmdlet.InvokeCommand.GetCommand(name, CommandTypes.Cmdlet | CommandTypes.Function | CommandTypes.ExternalScript);
            return command == null ? null : new CommandCall(cmdlet, command);
        }

        /// <summary>Adds a parameter, unless its value is null.</summary>
        public CommandCall With(string name, object value)
        {
            if (value != null) { _parameters.Add(new KeyValuePair<string, object>(name, value)); }
            return this;
        }

        /// <summary>As <see cref="With"/>, where the command has such a parameter.</summary>
        public CommandCall Wish(string name, object value)
        {
            return _command.Parameters != null && _command.Parameters.ContainsKey(name) ? With(name, value) : this;
        }

        /// <summary>Runs it; its first error is thrown.</summary>
        /// <exception cref="RuntimeException">The command failed.</exception>
        public IReadOnlyList<PSObject> Run(params object[] arguments)
        {
            using (var shell = PowerShell.Create(RunspaceMode.CurrentRunspace))
            {
                // By name: a function that is handed over as an object runs outside of its module.
                shell.AddCommand(_command is ExternalScriptInfo script ? script.Path : _command.Name);
                foreach (var parameter in _parameters) { shell.AddParameter(parameter.Key, parameter.Value); }
                foreach (var argument in arguments) { shell.AddArgument(argument); }
                void Stop() { shell.BeginStop(null, null); }
                _cmdlet.StopRequested += Stop;
                try
                {
                    var output = shell.Invoke();
                    if (shell.InvocationStateInfo.State == PSInvocationState.Stopped) { throw new PipelineStoppedException(); }
                    if (shell.Streams.Error.Count > 0) { throw new RuntimeException(shell.Streams.Error[0].ToString(), shell.Streams.Error[0].Exception, shell.Streams.Error[0]); }
                    return output.Where(item => item != null).ToArray();
                }
                finally
                {
                    _cmdlet.StopRequested -= Stop;
                }
            }
        }
    }
}
