# Format-Table, Format-List and Out-String: the engine holds their machinery, only the thin command classes are in the lacking module.
using namespace System.Management.Automation
using namespace Microsoft.PowerShell.Commands.Internal.Format

class Machinery {
    static [Reflection.BindingFlags]$Any = 'Public,NonPublic,Instance'

    static [object] Make([string]$type, [object[]]$arguments) {
        return [Activator]::CreateInstance([psobject].Assembly.GetType("Microsoft.PowerShell.Commands.Internal.Format.$type"), [Machinery]::Any, $null, $arguments, $null)
    }

    static [void] Install([FrontEndCommandBase]$command, [object]$machinery) {
        [FrontEndCommandBase].GetField('implementation', [Machinery]::Any).SetValue($command, $machinery)
    }

    static [void] InstallShape([FrontEndCommandBase]$command, [string]$shape) {
        $value = [Enum]::Parse([psobject].Assembly.GetType('Microsoft.PowerShell.Commands.Internal.Format.FormatShape'), $shape)
        [Machinery]::Install($command, [Machinery]::Make('InnerFormatShapeCommand', @($value)))
    }
}

[Cmdlet('Format', 'Table')] class FormatTableCommand : OuterFormatTableBase {
    FormatTableCommand() { [Machinery]::InstallShape($this, 'Table') }
}

[Cmdlet('Format', 'List')] class FormatListCommand : OuterFormatTableAndListBase {
    FormatListCommand() { [Machinery]::InstallShape($this, 'List') }
}

[Cmdlet('Out', 'String')] class OutStringCommand : FrontEndCommandBase {
    [Parameter()] [ValidateRange(2, 2147483647)] [int]$Width = 120
    [Parameter()] [switch]$Stream
    hidden [IO.StringWriter]$Text = [IO.StringWriter]::new()
    hidden [object]$Output = [Machinery]::Make('OutputManagerInner', @())

    OutStringCommand() { [Machinery]::Install($this, $this.Output) }

    [void] BeginProcessing() {
        $this.Output.GetType().GetProperty('LineOutput', [Machinery]::Any).SetValue($this.Output, [Machinery]::Make('TextWriterLineOutput', @($this.Text, $this.Width)))
        ([FrontEndCommandBase]$this).BeginProcessing()
    }

    [void] EndProcessing() {
        ([FrontEndCommandBase]$this).EndProcessing()
        $written = $this.Text.ToString()
        if (-not $this.Stream) { $this.WriteObject($written); return }
        $reader = [IO.StringReader]::new($written)
        while ($null -ne ($line = $reader.ReadLine())) { $this.WriteObject($line) }
    }
}

Import-Module -Assembly ([OutStringCommand].Assembly)
Export-ModuleMember -Cmdlet 'Format-Table', 'Format-List', 'Out-String'
