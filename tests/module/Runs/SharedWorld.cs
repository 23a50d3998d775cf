namespace ModuleTests.Runs;

/// <summary>One simulator and one session for the tests of a class; each begins with a company of its own (<see cref="World.Begin"/>).</summary>
public sealed class SharedWorld : IDisposable
{
    internal World World { get; } = new("help", connect: false);

    public void Dispose() => World.Dispose();
}
