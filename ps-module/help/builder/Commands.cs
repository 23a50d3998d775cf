using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace HelpBuilder;

/// <summary>The cmdlets of the built module, as PowerShell sees them.</summary>
internal static class Commands
{
    public static IReadOnlyList<CmdletInfo> Of(string manifest)
    {
        var state = InitialSessionState.CreateDefault2();
        state.ImportPSModule(manifest);
        // Stays open: parameter metadata is resolved in it.
        var runspace = RunspaceFactory.CreateRunspace(state);
        runspace.Open();
        using var shell = PowerShell.Create(runspace);
        var commands = shell.AddCommand("Get-Command").AddParameter("Module", "EsgMailboxSync").Invoke<CmdletInfo>().OrderBy(c => c.Name, StringComparer.Ordinal).ToList();
        return commands.Count > 0 ? commands : throw new InvalidDataException($"{manifest} gives no cmdlets: {string.Join("; ", shell.Streams.Error)}");
    }

    /// <summary>Parameters that are the cmdlet's own; -Verbose and the like have their own page, and -WhatIf and -Confirm are the same everywhere.</summary>
    public static IEnumerable<ParameterMetadata> Own(this CommandInfo command) =>
        command.Parameters.Values.Where(p => !Cmdlet.CommonParameters.Contains(p.Name) && !Cmdlet.OptionalCommonParameters.Contains(p.Name));
}
